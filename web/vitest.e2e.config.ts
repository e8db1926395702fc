import { defineConfig } from 'vitest/config';

/** Tests in a real browser, against a running house: see e2e/README.md. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
