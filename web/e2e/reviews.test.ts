import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './axe';
import { admin, enter, openBrowser, shoot } from './house';
import { ReviewHouse } from './reviews';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
});

const comments = (page: Page) => page.getByTestId('comment');
const form = (page: Page) => page.getByTestId('comment-form').first();
const writing = (page: Page) => form(page).getByLabel('Your comment');
const menuOf = (page: Page, text: string) =>
  comments(page)
    .filter({ hasText: text })
    .getByRole('button', { name: /^What to do/ });

/** Somebody on the page of a film that others have talked about. */
async function visit(
  role: 'member' | 'admin' = 'admin',
  options: Parameters<typeof enter>[1] = {},
  prepare?: (house: ReviewHouse) => void,
) {
  const { page, context, faults } = await enter(browser, options);
  const [username, password] = admin();
  await page.request.post('/api/v1/sessions', { data: { username, password } });
  const me = (await (await page.request.get('/api/v1/me')).json()) as { id: string; username: string };
  const list = await page.request.get('/api/v1/movies?limit=1');
  const film = ((await list.json()) as { items: { id: string }[] }).items[0];
  await page.route('**/api/v1/me', (route) => route.fulfill({ json: { ...me, role } }));
  const house = new ReviewHouse(me);
  house.says('ada', 'The light in the harbour!', 3);
  house.says('lin', 'Too long for me.\nBut the music is good.', 60);
  prepare?.(house);
  await house.open(page);
  await page.goto(`/movies/${film?.id}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  // They are read when somebody comes near them.
  await page.getByTestId('comments').scrollIntoViewIfNeeded();
  return { page, context, faults, house, me };
}

describe('ratings', () => {
  it('are given by pointer and by keyboard, counted, and taken back', async () => {
    const { page, context, faults, house } = await visit('member');
    const rating = page.getByTestId('rating');
    await rating.getByText('3 ratings').waitFor();
    await rating.getByText('4.3', { exact: true }).waitFor();
    await rating.getByRole('radio', { name: '2 stars' }).check({ force: true });
    await rating.getByText('4 ratings').waitFor();
    await rating.getByText('3.8', { exact: true }).waitFor();
    expect(house.mine).toBe(2);

    await rating.getByRole('radio', { name: '2 stars' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => house.mine).toBe(4);
    expect(await rating.getByRole('radio', { name: '4 stars' }).isChecked()).toBe(true);

    await rating.getByRole('button', { name: 'Take back your rating' }).click();
    await rating.getByText('3 ratings').waitFor();
    expect(house.mine).toBeNull();
    expect(await rating.getByRole('radio', { checked: true }).count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('go back to what they were when the house refuses, in its words', async () => {
    const { page, context, house } = await visit('member', {}, (one) => (one.mine = 5));
    const rating = page.getByTestId('rating');
    await rating.getByText('4 ratings').waitFor();
    house.refusal = {
      status: 429,
      headers: { 'Retry-After': '40' },
      json: { code: 'too_many_requests', detail: 'That was fast.' },
    };
    await rating
      .getByRole('radio', { name: '1 star', exact: true })
      .check({ force: true })
      .catch(() => undefined);
    await page.getByText('That was fast. Try again in 40 s.').waitFor();
    expect(await rating.getByRole('radio', { name: '5 stars' }).isChecked()).toBe(true);
    await context.close();
  });

  it('say so when there is none', async () => {
    const { page, context } = await visit('member', {}, (house) => (house.given = []));
    await page.getByText('Nobody has rated it yet').waitFor();
    await context.close();
  });
});

describe('comments', () => {
  it('are read page by page', async () => {
    const { page, context, faults } = await visit('member', {}, (house) => {
      for (let index = 0; index < 45; index += 1) house.says('ada', `Thought number ${index}`, 100 + index);
    });
    await comments(page).first().waitFor();
    for (let turn = 0; turn < 4; turn += 1) await comments(page).last().scrollIntoViewIfNeeded();
    await expect.poll(() => comments(page).count(), { timeout: 10_000 }).toBe(47);
    await page.getByText('Thought number 44').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('are written, and what was typed stays when the house refuses', async () => {
    const { page, context, faults, house } = await visit('member');
    const send = form(page).getByRole('button', { name: 'Publish' });
    expect(await send.isDisabled()).toBe(true);
    await writing(page).fill('x'.repeat(1999) + '👍👍');
    await form(page).getByText('1 character too many').waitFor();
    expect(await send.isDisabled()).toBe(true);
    await writing(page).fill('A calm film.\n<b>Twice</b> seen.');
    await form(page).getByText('1,969 characters left').waitFor();

    house.refusal = {
      status: 429,
      headers: { 'Retry-After': '90' },
      json: { code: 'too_many_requests', detail: 'Ten comments in an hour are enough.' },
    };
    await send.click();
    await form(page).getByText('Ten comments in an hour are enough.').waitFor();
    await form(page).getByText('Try again in 90 s.').waitFor();
    expect(await writing(page).inputValue()).toBe('A calm film.\n<b>Twice</b> seen.');
    await shoot(page, 'comments-refused');
    house.refusal = null;
    await send.click();
    await comments(page).first().getByText('<b>Twice</b> seen.').waitFor();
    expect(await writing(page).inputValue()).toBe('');
    expect(await comments(page).count()).toBe(3);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('are changed and deleted by those who wrote them', async () => {
    const { page, context, faults, house, me } = await visit('member', {}, (one) =>
      one.says('admin', 'My first word', 10),
    );
    expect(me.username).toBe('admin');
    await menuOf(page, 'My first word').click();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Edit', 'Delete']);
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    const field = page.getByLabel('Edit your comment');
    await expect.poll(() => field.evaluate((node) => node === document.activeElement)).toBe(true);
    await field.fill('My second word');
    await page.getByRole('button', { name: 'Save' }).click();
    await comments(page).filter({ hasText: 'My second word' }).getByText('edited').waitFor();

    await menuOf(page, 'My second word').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => comments(page).count()).toBe(2);
    expect(house.comments).toHaveLength(2);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('are reported with a reason', async () => {
    const { page, context, faults, house } = await visit('member');
    await menuOf(page, 'harbour').click();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Report']);
    await page.getByRole('menuitem', { name: 'Report' }).click();
    await page.getByLabel('What is wrong with it?').fill('It tells the end.');
    await page.getByRole('dialog').getByRole('button', { name: 'Report', exact: true }).click();
    await page.getByText('Thank you. The people who run the house will look at it.').waitFor();
    expect(house.reports.map(({ reason }) => reason)).toEqual(['It tells the end.']);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('say that they are hidden, and admins hide and show them', async () => {
    const hide = (house: ReviewHouse) => {
      const [said] = house.comments;
      if (said) Object.assign(said, { text: null, hidden: true });
    };
    const member = await visit('member', {}, hide);
    await comments(member.page).getByText('have hidden this comment').waitFor();
    await member.context.close();

    const { page, context, faults, house } = await visit('admin');
    await menuOf(page, 'harbour').click();
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Report', 'Hide', 'Delete']);
    await page.getByRole('menuitem', { name: 'Hide' }).click();
    await comments(page).filter({ hasText: 'harbour' }).getByText('Hidden').waitFor();
    expect(house.comments[0]?.hidden).toBe(true);
    await menuOf(page, 'harbour').click();
    await page.getByRole('menuitem', { name: 'Show again' }).click();
    await expect.poll(() => house.comments[0]?.hidden).toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.each(['dark', 'light'] as const)('in the %s theme', (colorScheme) => {
  it.each([
    ['desktop', { width: 1280, height: 860 }],
    ['phone', { width: 390, height: 844 }],
  ])('nothing serious is wrong on a %s', async (where, viewport) => {
    const { page, context } = await visit('admin', { colorScheme, viewport }, (house) => {
      house.mine = 4;
      house.says('admin', 'I was there when it was shot.', 2000);
      Object.assign(house.says('mo', 'Rude words', 30), { hidden: true });
      Object.assign(house.says('zoe', '', 90), { hidden: true, text: null });
    });
    await comments(page).nth(4).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    await shoot(page, `${colorScheme}-${where}-reviews`);
    await context.close();
  });
});
