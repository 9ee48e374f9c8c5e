/** One figure: how many times the reference a subject took, or how many times its rate it reached. */
export interface Figure {
  name: string;
  /** What the ratio is against, measured in the same run. */
  reference: string;
  goal: string;
  met: boolean;
  /** Median of the pairs' ratios. */
  ratio: number;
  /** Least and greatest ratio of the pairs. */
  spread: readonly [number, number];
  pairs: number;
  /** Medians in milliseconds, to read the ratio by; they say nothing about another machine. */
  subjectMs: number;
  referenceMs: number;
}

export interface Pairs {
  pairs: number;
  /** Milliseconds of one run of the subject. */
  subject: () => Promise<number>;
  reference: () => Promise<number>;
}

/** Runs subject and reference in turn, so that a noisy neighbour hits both. */
export async function interleave({ pairs, subject, reference }: Pairs): Promise<{ subject: number[]; reference: number[] }> {
  const times = { subject: [] as number[], reference: [] as number[] };
  for (let pair = 0; pair < pairs; pair++) {
    // Every other pair the other way round: what runs second may find warmer caches.
    const first = pair % 2 === 0;
    if (first) times.reference.push(await reference());
    times.subject.push(await subject());
    if (!first) times.reference.push(await reference());
  }
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The figure of a set of pairs: `subject/reference` of their times, or its inverse for a rate. */
export function figureOf(
  what: { name: string; reference: string; goal: string; as: 'time' | 'rate'; meets(ratio: number): boolean },
  times: { subject: readonly number[]; reference: readonly number[] },
): Figure {
  const ratios = times.subject.map((ms, pair) => {
    const other = times.reference[pair] ?? Number.NaN;
    return what.as === 'time' ? ms / other : other / ms;
  });
  const ratio = median(ratios);
  return {
    name: what.name,
    reference: what.reference,
    goal: what.goal,
    met: what.meets(ratio),
    ratio,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    pairs: ratios.length,
    subjectMs: median(times.subject),
    referenceMs: median(times.reference),
  };
}
