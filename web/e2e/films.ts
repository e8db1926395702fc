import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Seconds of each film. Two segments. */
export const SECONDS = 8;

/** A film of one kind, and what has to come of it. */
export interface Kind {
  name: string;
  /** The file's ending says the container. */
  extension: string;
  size: string;
  /** How long it is, if not {@link SECONDS}. */
  seconds?: number;
  /** For the encoder; the sound is the second input, subtitles the third. */
  output: string[];
  isTurned?: boolean;
  isSilent?: boolean;
  hasWords?: boolean;
  /** Of the sounds, where there are several. */
  languages?: string[];
  /** Lines of the shorter side of each rendition. */
  ladder: number[];
}

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '400k', '-pix_fmt', 'yuv420p', '-g', '24'];

export const KINDS: Kind[] = [
  {
    name: 'H.264 and AAC',
    extension: 'mp4',
    size: '640x360',
    output: [...H264, '-c:a', 'aac', '-movflags', '+faststart'],
    ladder: [360, 240],
  },
  {
    name: 'HEVC',
    extension: 'mkv',
    size: '640x360',
    output: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-c:a', 'aac'],
    ladder: [360, 240],
  },
  {
    name: 'VP9 and Opus',
    extension: 'webm',
    size: '640x360',
    output: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus'],
    ladder: [360, 240],
  },
  {
    name: 'a telephone held upright',
    extension: 'mp4',
    size: '640x360',
    output: [...H264, '-c:a', 'aac'],
    isTurned: true,
    ladder: [360, 240],
  },
  { name: 'no sound', extension: 'mp4', size: '426x240', output: H264, isSilent: true, ladder: [240] },
  {
    name: '5.1 and subtitles',
    extension: 'mkv',
    size: '426x240',
    output: [
      ...[...H264, '-af', 'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0', '-c:a', 'ac3'],
      ...['-c:s', 'srt', '-metadata:s:s:0', 'language=eng'],
    ],
    hasWords: true,
    ladder: [240],
  },
  {
    name: 'MPEG-2 in a transport stream',
    extension: 'ts',
    size: '426x240',
    output: ['-c:v', 'mpeg2video', '-q:v', '4', '-c:a', 'mp2'],
    ladder: [240],
  },
  {
    name: 'AVI',
    extension: 'avi',
    size: '426x240',
    output: ['-c:v', 'mpeg4', '-q:v', '4', '-c:a', 'libmp3lame'],
    ladder: [240],
  },
  {
    name: 'pictures at a changing pace',
    extension: 'mp4',
    size: '426x240',
    output: [...H264, '-vf', "select='not(mod(n,5))+lt(n,40)+gte(n,145)'", '-vsync', 'vfr', '-c:a', 'aac'],
    ladder: [240],
  },
  {
    name: 'two languages',
    extension: 'mkv',
    size: '426x240',
    output: [
      ...[...H264, '-c:a', 'aac', '-disposition:a:0', 'default', '-disposition:a:1', '0'],
      ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=ger'],
    ],
    languages: ['English', 'Deutsch'],
    ladder: [240],
  },
];

/** Writes a film that nobody has published before, and returns its path. */
export function makeFilm(folder: string, kind: Kind): string {
  const name = kind.name.replaceAll(/\W+/g, '-');
  const file = join(folder, `${name}.${kind.extension}`);
  const input = ['-f', 'lavfi', '-i', `testsrc2=size=${kind.size}:rate=24`];
  const maps = ['-map', '0'];
  if (!kind.isSilent) {
    input.push('-f', 'lavfi', '-i', 'sine=frequency=330:beep_factor=4');
    maps.push(...(kind.languages ?? ['']).flatMap(() => ['-map', '1']));
  }
  if (kind.hasWords) {
    const words = join(folder, 'words.srt');
    writeFileSync(words, `1\n00:00:00,000 --> 00:00:0${SECONDS},000\nThe words of the file\n`);
    input.push('-i', words);
    maps.push('-map', '2');
  }
  const stamp = ['-metadata', `comment=${Date.now()} ${Math.random()}`];
  const words = ['-loglevel', 'error', '-nostdin', ...input, ...maps, ...kind.output, ...stamp];
  execFileSync('ffmpeg', [...words, '-t', String(kind.seconds ?? SECONDS), '-y', file]);
  if (kind.isTurned) turn(file);
  return file;
}

/** Has the pictures of an MP4 shown turned by a quarter, as a telephone's are: not every ffmpeg can write that. */
function turn(file: string): void {
  const matrix = (numbers: number[]) => {
    const bytes = Buffer.alloc(36);
    numbers.forEach((number, index) => bytes.writeInt32BE(number, index * 4));
    return bytes;
  };
  const one = 1 << 16;
  const film = readFileSync(file);
  const at = film.indexOf(matrix([one, 0, 0, 0, one, 0, 0, 0, 1 << 30]), film.indexOf('tkhd'));
  if (at < 0) throw new Error('The film has no matrix.');
  matrix([0, one, 0, -one, 0, 0, 0, 0, 1 << 30]).copy(film, at);
  writeFileSync(file, film);
}

const run = promisify(execFile);

/** Runs the admin's command line, which is signed in, and returns what it answers. */
export async function playhouseAdmin<Answer>(...words: string[]): Promise<Answer> {
  const program = process.env.PLAYHOUSE_ADMIN_CLI;
  if (!program) throw new Error('Set PLAYHOUSE_ADMIN_CLI: e2e/README.md says how.');
  const { stdout } = await run(program, ['--json', '--quiet', ...words]);
  return JSON.parse(stdout) as Answer;
}

interface Quality {
  state: string;
  failure: string | null;
  planned: string[];
  renditions: { name: string }[];
  subtitles: object[];
  has_sprites: boolean;
  jobs: { state: string; kind: string; last_error: string | null }[];
}

/** Waits until everything is made of a film. */
export async function ladderOf(title: string, seconds = 120): Promise<Quality> {
  for (const end = Date.now() + seconds * 1000; ; await new Promise((done) => setTimeout(done, 500))) {
    const quality = await playhouseAdmin<Quality>('movie', 'renditions', title);
    const isOpen = quality.jobs.some(({ state }) => state === 'waiting' || state === 'running');
    if (!isOpen && quality.planned.length > 0) return quality;
    if (quality.state === 'failed' || Date.now() > end) throw new Error(JSON.stringify(quality, null, 2));
  }
}
