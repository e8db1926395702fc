import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enter, openBrowser, shoot } from './house';
import { allPages, excess, settle } from './pages';

/** What goes on moving on a page for longer than the eye sees. */
function moving(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ effect, playState }) => playState === 'running' && Number(effect?.getTiming().duration) > 20)
      .map((one) => ('animationName' in one ? String(one.animationName) : 'a transition')),
  );
}

describe('every page fits', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  it.each([
    ['the smallest telephone', { width: 360, height: 740 }, 'ltr'],
    ['a wall', { width: 3840, height: 2160 }, 'ltr'],
    ['a script from right to left', { width: 1280, height: 860 }, 'rtl'],
  ] as const)(
    '%s, and nothing moves for who wants it still',
    { timeout: 180_000 },
    async (name, viewport, direction) => {
      const options = { viewport, reducedMotion: 'reduce' as const };
      const { page, context, faults: errors } = await enter(browser, options);
      if (direction === 'rtl') {
        await page.addInitScript(() => {
          const turn = () => document.documentElement.setAttribute('dir', 'rtl');
          new MutationObserver(turn).observe(document, { childList: true });
          if (document.documentElement) turn();
        });
      }
      const pages = await allPages(page);
      const faults: Record<string, string[]> = {};
      for (const address of pages) {
        await page.goto(address);
        await settle(page);
        const over = await excess(page);
        faults[address] = [...(over > 0 ? [`${over} pixels too wide`] : []), ...(await moving(page))];
        await shoot(page, `${viewport.width}-${direction}${address.replace(/\W+/g, '-')}`);
      }
      expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe(direction);
      await context.close();
      expect(faults).toEqual(Object.fromEntries(pages.map((address) => [address, []])));
      expect(errors).toEqual([]);
    },
  );
});
