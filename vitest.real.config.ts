import { defineConfig } from 'vitest/config';
import { PartsReporter } from './test/real/parts-reporter.ts';

// `npm run test:real`: the contract suites against the real parts. One file at a time: each starts heavy processes.
export default defineConfig({
  test: {
    include: ['test/real/**/*.real.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    // A first run fetches and builds the parts.
    hookTimeout: 900_000,
    disableConsoleIntercept: true,
    reporters: ['default', ['json', { outputFile: '.cache/results/real.json' }], new PartsReporter()],
  },
});
