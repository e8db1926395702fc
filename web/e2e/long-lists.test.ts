import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, enter, openBrowser, whenIdle } from './house';

/** Lists of ten thousand: the answers are made up here, everything else is real. */
const COUNT = 10_000;
const PAGE = 200;
/** What may be in the document at a time: a page that has just come, and what is near the screen. */
const MOST = 900;

type Item = Record<string, unknown>;

const idOf = (index: number) => `01a20000-0000-7000-8000-${String(index).padStart(12, '0')}`;
const AT = '2026-01-02T03:04:05Z';
const TITLE = (index: number) => `Number_${String(index).padStart(5, '0')}`;

const film = (index: number): Item => ({
  id: idOf(index),
  title: TITLE(index),
  description: '',
  tags: [],
  category: null,
  price: 0,
  state: 'published',
  publish_at: null,
  duration: 60,
  poster_url: null,
  created_at: AT,
});
const audit = (index: number): Item => ({
  id: idOf(index),
  at: AT,
  actor: TITLE(index),
  action: 'movie.change',
  target_kind: 'movie',
  target_id: idOf(index),
  detail: {},
  request_id: 'r',
  address: '127.0.0.1',
});
const account = (index: number): Item => ({
  id: idOf(index),
  username: TITLE(index),
  role: 'member',
  is_locked: false,
  created_at: AT,
});
const entry = (index: number): Item => ({
  id: idOf(index),
  parent_id: null,
  kind: 'file',
  name: `${TITLE(index)}.txt`,
  path: `/${TITLE(index)}.txt`,
  size: 10,
  media_type: 'text/plain',
  created_at: AT,
  modified_at: AT,
  deleted_at: null,
});

const record = (index: number): Item => ({
  id: idOf(index),
  movie_id: idOf(index),
  title: TITLE(index),
  price_paid: 0,
  created_at: AT,
  bytes_sent: 10,
  size: 10,
  state: 'completed',
});
const movement = (index: number): Item => ({
  id: idOf(index),
  kind: 'voucher',
  amount: 1,
  balance_after: index,
  note: TITLE(index),
  created_at: AT,
});
const notice = (index: number): Item => ({
  id: idOf(index),
  title: TITLE(index),
  body: 'What is on.',
  body_html: '<p>What is on.</p>',
  author: 'admin',
  pinned: false,
  read: true,
  created_at: AT,
  updated_at: AT,
});

/** Answers a list a page at a time, however little was asked for. */
async function hold(page: Page, path: RegExp, make: (index: number) => Item) {
  await page.route(path, (route: Route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const items = Array.from({ length: Math.min(PAGE, COUNT - from) }, (_, index) => make(from + index));
    const next = from + PAGE < COUNT ? String(from + PAGE) : null;
    return route.fulfill({ json: { items, next_cursor: next } });
  });
}

/** Scrolls on until everything was read. Returns the most rows that were in the document at a time. */
async function readAll(page: Page, row: string): Promise<number> {
  let most = 0;
  const last = page.getByText(TITLE(COUNT - 1)).first();
  const toTheEnd = () => page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  for (let turn = 0; turn < 400 && !(await last.isVisible()); turn += 1) {
    await toTheEnd();
    await page.waitForTimeout(60);
    most = Math.max(most, await page.locator(row).count());
  }
  // The last page has come, below the screen perhaps, where its rows do not stay.
  await toTheEnd();
  await last.waitFor();
  return most;
}

describe('a list of ten thousand', () => {
  let browser: Browser;
  beforeAll(async () => {
    await whenIdle();
    browser = await openBrowser();
  }, 300_000);
  afterAll(async () => {
    await browser.close();
  });

  async function visit() {
    const entered = await enter(browser);
    const [username, password] = admin();
    await entered.page.request.post('/api/v1/sessions', { data: { username, password } });
    return entered;
  }

  it.each([
    ['films', '/?q=number', /\/api\/v1\/movies\?/, film, '[data-testid=film-card]'],
    ['the audit log', '/admin/audit', /\/api\/v1\/admin\/audit/, audit, '[data-testid=audit-entry]'],
    [
      'accounts',
      '/admin/accounts',
      /\/api\/v1\/admin\/accounts(\?|$)/,
      account,
      '[data-testid=admin-account]',
    ],
    ['downloads', '/records', /\/api\/v1\/downloads(\?|$)/, record, '[data-testid=records] li'],
    ['movements', '/wallet', /\/api\/v1\/me\/ledger(\?|$)/, movement, '[data-testid=ledger] tbody tr'],
    ['notices', '/notices', /\/api\/v1\/notices(\?|$)/, notice, '[data-testid=notices] li'],
  ] as const)('of %s keeps a few hundred rows on the page', async (_what, path, address, make, row) => {
    const { page, context, faults } = await visit();
    await hold(page, address, make);
    await page.goto(path);
    await page.locator(row).first().waitFor();
    expect(await readAll(page, row)).toBeLessThan(MOST);
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.getByText(TITLE(0)).first().waitFor();
    expect(await page.locator(row).count()).toBeLessThan(MOST);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is where it was after "back"', async () => {
    const { page, context } = await visit();
    await hold(page, /\/api\/v1\/movies\?/, film);
    await page.goto('/?q=number');
    await page.locator('[data-testid=film-card]').first().waitFor();
    const card = page.getByRole('link', { name: TITLE(1500) });
    // A block that the scrolling has passed goes again, and its cards with it.
    const isReached = async () =>
      (await card.isVisible()) &&
      (await card.scrollIntoViewIfNeeded({ timeout: 1000 }).then(
        () => true,
        () => false,
      ));
    for (let turn = 0; turn < 150 && !(await isReached()); turn += 1) {
      await page.evaluate(() => window.scrollBy(0, 2000));
      await page.waitForTimeout(60);
    }
    const top = await card.evaluate((node) => node.getBoundingClientRect().top);
    await card.click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.goBack();
    await card.waitFor();
    await expect
      .poll(() => card.evaluate((node) => Math.abs(node.getBoundingClientRect().top)))
      .toBeLessThan(top + 60);
    expect(await page.locator('[data-testid=film-card]').count()).toBeLessThan(MOST);
    await context.close();
  });

  it('of files keeps what is near the screen', async () => {
    const { page, context, faults } = await visit();
    await hold(page, /\/api\/v1\/drive\/entries\?/, entry);
    await page.goto('/drive');
    await page.getByText(TITLE(0)).first().waitFor();
    expect(await readAll(page, '[data-testid=entries] [data-index]')).toBeLessThan(200);
    expect(faults).toEqual([]);
    await context.close();
  });
});
