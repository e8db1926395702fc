import { chromium } from "playwright-core";
const [base, prefix, ...paths] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, width, height, scheme] of [["desk", 1280, 860, "dark"], ["phone", 390, 844, "light"]]) {
  const ctx = await b.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await ctx.newPage();
  const r = await ctx.request.post(base + "/api/v1/sessions", { data: { username: "member", password: process.env.PW }, headers: { "sec-fetch-site": "same-origin", origin: base } });
  if (!r.ok()) console.log(r.status(), await r.text());
  for (const p of paths) {
    await page.goto(base + p); await page.waitForTimeout(1800);
    await page.screenshot({ path: `/tmp/shots/${prefix}-${name}-${p.replace(/\W+/g, "_")}.png` });
  }
  await ctx.close();
}
await b.close();
