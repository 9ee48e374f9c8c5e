const SHORTEST_BEGINNING = 3;

/**
 * The name closest to `wrong`, when it is close enough to be what was meant: an edit distance of at most 1/3 of its length
 * (at least 2), or else one is the beginning of the other (`environment` and `env`).
 */
export function nearest(wrong: string, names: Iterable<string>): string | undefined {
  const candidates = [...names];
  return closest(wrong, candidates) ?? candidates.find((name) => begins(wrong, name) || begins(name, wrong));
}

function begins(text: string, beginning: string): boolean {
  return beginning.length >= SHORTEST_BEGINNING && text.toLowerCase().startsWith(beginning.toLowerCase());
}

function closest(wrong: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance with a neighbouring swap counted as one edit. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = at(rows, i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(at(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1, substitution);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(rows, i - 2, j - 2) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

function at(rows: readonly number[][], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
