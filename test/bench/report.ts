import type { Figure } from './pairs.ts';

export interface Machine {
  node: string;
  cpus: number;
  date: string;
}

/** docs/performance.md: what was measured, against what, and how sure it is. */
export function report(figures: readonly Figure[], { node, cpus, date }: Machine): string {
  const rows = figures.map(
    ({ name, reference, goal, met, ratio, spread, pairs, subjectMs, referenceMs }) =>
      `| ${name} | ${reference} | ${goal} | **${ratio.toFixed(2)}** | ${spread[0].toFixed(2)}–${spread[1].toFixed(2)} | ${pairs} | ${ms(subjectMs)} / ${ms(referenceMs)} | ${met ? 'yes' : 'no'} |`,
  );
  return `<!-- Made by \`npm run bench\`; do not edit. -->
# Performance

Ratios against a reference that ran in turn with the subject, in the same run on the same machine; the median of the pairs' ratios, with
the least and the greatest. Machines are shared and noisy: read the ratio, not the milliseconds.

Measured on ${date}, Node ${node}, ${cpus} CPUs.

| what | reference | goal | ratio | spread | pairs | medians, subject / reference | met |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

- *start*: the command line's first word on the screen, with the compile cache that the second run of a version finds.
- *deploy*: from the command to its end, when every process of the platform answers its readiness probe.
- *tail*: messages per second of \`events tail --format raw --no-follow\`, Node's start included, against \`kcat -C -e -q\`, both writing to
  /dev/null; four partitions. Once before, both write to files, and the events in them are compared.
- *render*: every file of prod, ours and those of other people's charts; Helm fills charts/todo alone, with the values that were rendered
  for it. *In a warm process* is the rendering itself; *each of them* is the cost of one service of so many.
`;
}

function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${Math.round(value)} ms`;
}
