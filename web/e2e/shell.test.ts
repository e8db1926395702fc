import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, enter, openBrowser, signIn } from './house';

describe('the installed client', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('names itself and its icons', async () => {
    const { page, context } = await enter(browser);
    await page.goto('/sign-in');
    const href = await page.locator('link[rel=manifest]').getAttribute('href');
    const answer = await page.request.get(String(href));
    const manifest = (await answer.json()) as { icons: { src: string; type: string }[]; start_url: string };
    expect(manifest.start_url).toBe('/');
    for (const { src, type } of manifest.icons) {
      const icon = await page.request.get(src);
      expect([icon.status(), icon.headers()['content-type']]).toEqual([200, type]);
    }
    await context.close();
  });

  it('keeps the shell and nothing that is somebody’s own, and opens without a connection', async () => {
    const { page, context, faults } = await enter(browser);
    await signIn(page, ...admin());
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.reload();
    await page.getByTestId('film-card').first().waitFor();
    await page.goto('/?price=free');
    await page.getByTestId('film-card').first().click();
    await page.locator('video').waitFor();
    await page.goto('/admin');
    await page.getByTestId('figures').waitFor();

    const kept = await page.evaluate(async () => {
      const names = await caches.keys();
      const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return lists.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.filter((path) => path !== '/' && !/^\/assets\/[^/]+$/.test(path))).toEqual([]);

    const expected = faults.splice(0);
    await context.setOffline(true);
    await page.goto('/');
    await page.getByText('No connection').first().waitFor();
    await context.setOffline(false);
    expect(expected).toEqual([]);
    await context.close();
  });
});
