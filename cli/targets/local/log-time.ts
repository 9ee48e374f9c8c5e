/** When a log line was written, in ms since the epoch: `time` of a JSON line (a number, or ISO text as daprd writes it), or the date that PostgreSQL begins a line with. */
export function lineTime(text: string): number | undefined {
  const json = /"time":(\d{12,14})\b/.exec(text);
  if (json) return Number(json[1]);
  const iso = /^\{.*"time":"([^"]+)"/.exec(text);
  if (iso?.[1]) return timeOf(iso[1]);
  const dated = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) (?:UTC|GMT)\b/.exec(text);
  return dated ? timeOf(`${dated[1]}T${dated[2]}Z`) : undefined;
}

/** What only looks like a date has no time: nothing could be sorted by it. */
function timeOf(date: string): number | undefined {
  const time = Date.parse(date);
  return Number.isNaN(time) ? undefined : time;
}
