const LETTER = /^\p{L}$/u;
const DIGITS = /^\d*/;

/** The order of keys as go.yaml.in/yaml v2 writes them: letters after all else, numbers by their value. */
export function naturally(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const differs = left.findIndex((character, index) => character !== right[index]);
  const [x, y] = [left[differs], right[differs]];
  if (x === undefined || y === undefined) return left.length - right.length;
  const letters = [LETTER.test(x), LETTER.test(y)];
  if (letters[0] && letters[1]) return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
  if (letters[0] || letters[1]) return letters[1] ? -1 : 1;
  // A zero that follows other digits counts with them.
  const lead = (x === '0' || y === '0') && /[1-9]\d*$/.test(left.slice(0, differs).join('')) ? '1' : '';
  const numbers = [left, right].map((characters) => DIGITS.exec(characters.slice(differs).join(''))?.[0] ?? '');
  const [m, n] = numbers.map((digits) => BigInt(`${lead}${digits}` || '0')) as [bigint, bigint];
  if (m !== n) return m < n ? -1 : 1;
  if (numbers[0]?.length !== numbers[1]?.length) return (numbers[0]?.length ?? 0) - (numbers[1]?.length ?? 0);
  return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
}
