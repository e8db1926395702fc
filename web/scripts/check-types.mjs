// Fails when src/api/schema.d.ts is not what the server's document says; `make web-types` repairs it.
// Usage: node scripts/check-types.mjs [document]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const document = process.argv[2] ?? './openapi.json';
const folder = mkdtempSync(join(tmpdir(), 'playhouse-types-'));
const fresh = join(folder, 'schema.d.ts');
try {
  execFileSync('npx', ['openapi-typescript', document, '-o', fresh], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (readFileSync(fresh, 'utf8') !== readFileSync('src/api/schema.d.ts', 'utf8')) {
    console.error('src/api/schema.d.ts is not what the server says: run `make web-types`.');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
