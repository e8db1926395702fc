import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './axe';
import { enter, openBrowser, shoot } from './house';
import { allPages, excess, GUESTS, settle } from './pages';

describe.each(['dark', 'light'] as const)('in the %s theme', (colorScheme) => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('nothing serious is wrong where one comes in', async () => {
    const { page, context } = await enter(browser, { colorScheme });
    const faults: Record<string, string[]> = {};
    for (const address of GUESTS) {
      await page.goto(address);
      await settle(page);
      faults[address] = await seriousFaults(page);
    }
    await context.close();
    expect(faults).toEqual(Object.fromEntries(GUESTS.map((address) => [address, []])));
  });

  it.each([
    ['on a desktop', { width: 1280, height: 860 }],
    ['on a phone', { width: 390, height: 844 }],
  ])(
    'nothing serious is wrong on any page %s, and none scrolls sideways',
    async (where, viewport) => {
      const { page, context, faults: errors } = await enter(browser, { colorScheme, viewport });
      const pages = await allPages(page);
      const faults: Record<string, string[]> = {};
      for (const address of pages) {
        await page.goto(address);
        await settle(page);
        faults[address] = await seriousFaults(page);
        const over = await excess(page);
        if (over > 0) faults[address].push(`${over} pixels too wide`);
        await shoot(page, `${colorScheme}-${where.split(' ').at(-1)}${address.replace(/\W+/g, '-')}`);
      }
      await context.close();
      expect(faults).toEqual(Object.fromEntries(pages.map((address) => [address, []])));
      expect(errors).toEqual([]);
    },
    180_000,
  );
});
