import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, enter, openBrowser, shoot, signIn } from './house';

describe('the language', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('is the browser’s at first, Chinese for who reads Chinese', async () => {
    const { page, context, faults } = await enter(browser, { locale: 'zh-CN' });
    await page.goto('/sign-in');
    await page.getByRole('heading', { name: '请入座' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-Hans');
    const [username, password] = admin();
    await page.getByLabel('用户名').fill(username);
    await page.getByLabel('密码', { exact: true }).fill('not-the-password');
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('alert').getByText('用户名或密码不正确。').waitFor();
    await page.getByLabel('密码', { exact: true }).fill(password);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByTestId('film-card').first().waitFor();
    await shoot(page, 'chinese-films');
    await page.goto('/admin/audit');
    await page
      .getByText(/2\d{3}年\d+月\d+日/)
      .first()
      .waitFor();
    await page.goto('/admin');
    await page.getByRole('heading', { name: '概览' }).waitFor();
    await page.getByTestId('figures').waitFor();
    await shoot(page, 'chinese-admin');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is switched at once, keeps what was typed, and is remembered', async () => {
    const { page, context, faults } = await enter(browser);
    await page.goto('/sign-in');
    await page.getByLabel('User name').fill('somebody');
    await page.getByRole('radio', { name: '简体中文' }).check();
    await page.getByRole('heading', { name: '请入座' }).waitFor();
    expect(await page.getByLabel('用户名').inputValue()).toBe('somebody');
    await page.reload();
    await page.getByRole('heading', { name: '请入座' }).waitFor();
    await page.getByRole('radio', { name: 'English' }).check();
    await signIn(page, ...admin());
    await page.goto('/me?tab=looks');
    await page.getByRole('tabpanel').getByRole('radio', { name: '简体中文' }).check();
    await page.getByRole('tab', { name: '访问令牌' }).waitFor();
    await page.getByRole('link', { name: '影片', exact: true }).first().waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});
