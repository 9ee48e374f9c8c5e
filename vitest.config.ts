import { defineConfig } from 'vitest/config';

// unit: pure and fast, side by side. local: needs processes of this machine (PostgreSQL, broker, sidecar), one file at a time.
// e2e: the whole platform through bin/run.js, from dist/.
export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{bin,cli,services,docs,lint,support,simulators,fixtures}/**/*.test.ts'],
          exclude: ['test/**/*.local.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/**/*.local.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
