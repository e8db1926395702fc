import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, Route } from 'playwright-core';

const SECONDS = 60;

/** A film in two qualities with sound beside them, pictures for the bar and subtitles, made on the spot by ffmpeg. */
export function makeLadder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-ladder.'));
  const run = (...words: string[]) =>
    execFileSync('ffmpeg', ['-loglevel', 'error', '-nostdin', ...words], { cwd: folder });
  const input = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=640x360:rate=24',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=220',
  ];
  run(
    ...[...input, '-t', String(SECONDS), '-filter_complex', '[0:v]split=2[a][b];[b]scale=320:180[c]'],
    ...['-map', '[a]', '-map', '[c]', '-map', '1:a', '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-pix_fmt', 'yuv420p', '-force_key_frames', 'expr:gte(t,n_forced*4)', '-sc_threshold', '0'],
    ...['-b:v:0', '700k', '-b:v:1', '200k', '-c:a', 'aac', '-f', 'hls', '-hls_time', '4'],
    ...['-hls_playlist_type', 'vod', '-hls_segment_type', 'fmp4', '-hls_flags', 'single_file'],
    ...['-master_pl_name', 'master.m3u8', '-var_stream_map'],
    ...['v:0,agroup:a,name:360p v:1,agroup:a,name:180p a:0,agroup:a,default:yes,name:audio', '%v.m3u8'],
  );
  run(
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x90:rate=1',
    '-t',
    '60',
    '-vf',
    'fps=1/5,tile=4x3',
    'sprites-0.jpg',
  );
  writeFileSync(join(folder, 'sprites.vtt'), tiles());
  writeFileSync(join(folder, 'en.vtt'), words('The sea is'));
  writeFileSync(join(folder, 'zh.vtt'), words('大海是'));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** The answers of a house for this film. An address works while its `token` is the house's. */
export class FilmHouse {
  token = 'first';
  /** Every address that was asked for, and what was answered. */
  readonly asked: { path: string; status: number }[] = [];
  playbacks = 0;
  position = 0;
  previewSeconds: number | null = null;
  /** Milliseconds before it gives addresses. */
  lateness = 0;
  /** Milliseconds before it gives pictures and sound. */
  slowness = 0;
  /** Answers in the house's stead while it is set. */
  refusal: { status: number; json: object } | null = null;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async open(page: Page): Promise<void> {
    await page.route('**/api/v1/movies/*/playback*', (route) => this.#playback(route));
    await page.route('**/media/ladder-*/**', (route) => this.#bytes(route));
    await page.route('**/api/v1/movies/*/position', (route) => route.fulfill({ status: 204 }));
  }

  async #playback(route: Route) {
    this.playbacks += 1;
    await new Promise((done) => setTimeout(done, this.lateness));
    const under = (name: string) => `/media/ladder-${this.token}/film/${name}`;
    return route.fulfill({
      json: {
        sources: [
          { type: 'application/vnd.apple.mpegurl', url: under('master.m3u8'), width: null, height: null },
        ],
        subtitles: [
          { language: 'en', label: 'English', url: under('en.vtt') },
          { language: 'zh-Hans', label: '简体中文', url: under('zh.vtt') },
        ],
        sounds: [],
        sprites: under('sprites.vtt'),
        chapters: [
          { start: 0, end: 30, title: 'The coast' },
          { start: 30, end: 60, title: 'The open sea' },
        ],
        preview_seconds: this.previewSeconds,
        position: this.position,
        expires_at: new Date(Date.now() + 4 * 3_600_000).toISOString(),
      },
    });
  }

  async #bytes(route: Route) {
    const { pathname } = new URL(route.request().url());
    const [, , folder = '', , name = ''] = pathname.split('/');
    const isOld = folder !== `ladder-${this.token}`;
    const refusal = isOld
      ? { status: 403, json: { code: 'forbidden', detail: 'This address has ended.' } }
      : this.refusal;
    this.asked.push({ path: pathname, status: refusal?.status ?? 200 });
    if (refusal) return route.fulfill(refusal);
    if (name.endsWith('.m4s')) await new Promise((done) => setTimeout(done, this.slowness));
    const bytes = readFileSync(join(this.#folder, name));
    const contentType = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
    const range = /bytes=(\d+)-(\d*)/.exec(route.request().headers().range ?? '');
    if (!range) return route.fulfill({ body: bytes, contentType });
    const from = Number(range[1]);
    const to = range[2] ? Number(range[2]) : bytes.length - 1;
    const headers = { 'Content-Range': `bytes ${from}-${to}/${bytes.length}` };
    return route.fulfill({ status: 206, body: bytes.subarray(from, to + 1), contentType, headers });
  }
}

const TYPES: Record<string, string> = {
  m3u8: 'application/vnd.apple.mpegurl',
  m4s: 'video/mp4',
  vtt: 'text/vtt',
  jpg: 'image/jpeg',
};

function clock(seconds: number): string {
  return `00:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}.000`;
}

function tiles(): string {
  const cues = Array.from({ length: 12 }, (_, index) => {
    const place = `${(index % 4) * 160},${Math.floor(index / 4) * 90},160,90`;
    return `${clock(index * 5)} --> ${clock(index * 5 + 5)}\nsprites-0.jpg#xywh=${place}\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}

function words(text: string): string {
  const cues = Array.from({ length: 12 }, (_, index) => {
    return `${clock(index * 5)} --> ${clock(index * 5 + 5)}\n<i>${text} ${index}</i>\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}
