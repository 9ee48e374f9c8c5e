/** Rows under their heads, two spaces apart; columns named in `right` are numbers and end at the same place. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], right: readonly string[], paintHead: (text: string) => string): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (right.includes(heads[column] ?? '') ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[paintHead(line(heads)), ...rows.map(line)].join('\n')}\n`;
}
