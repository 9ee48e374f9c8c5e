import { catalogue } from '../../cli/errors/catalogue.ts';
import { exitMeaning } from '../../cli/errors/entry.ts';

/** docs/errors.md: the exit codes and every error of the catalogue. */
export function errorsPage(): string {
  const errors = Object.entries(catalogue).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '<!-- Made by `npm run docs` from cli/errors/catalogue/; do not edit. -->',
    '# Errors',
    '',
    'Every error that todoctl shows has a code. `todoctl explain CODE` prints what stands here.',
    '',
    '## Exit codes',
    '| code | meaning |',
    '|---|---|',
    ...Object.entries(exitMeaning).map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    '## Codes',
    ...errors.flatMap(([code, { exit, title, why, next }]) => [
      `### ${code}`,
      `${title}. Exit code ${exit}.`,
      '',
      why,
      '',
      ...next.map((step) => `- ${step}`),
      '',
    ]),
  ].join('\n');
}
