import type { Consumed } from '../kafka/consumed.ts';
import type { RecordHeader } from '../kafka/record-batch.ts';
import { isUtf8 } from 'node:buffer';
import { type Palette, palette } from './palette.ts';

/** An event as a line of text, without its end. */
export type EventFormat = (event: Consumed) => string;

/** Envelope fields that the line shows elsewhere, or that Dapr adds and nobody reads. */
const ENVELOPE = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'partitionkey', 'data', 'dataschema',
  'topic', 'pubsubname', 'traceid', 'traceparent', 'tracestate']);
/** Dapr turns publish metadata into headers; the key and the trace are not news. */
const QUIET_HEADERS = new Set(['partitionkey', '__key', 'traceid', 'traceparent', 'tracestate', 'content-type']);

/** For people: time, place, type, key, data. What could move a terminal's cursor is escaped. */
export function prettyFormat(io: { colour: boolean }): EventFormat {
  const colours = palette(io);
  return (event) => {
    const { dim, code } = colours;
    const { record, topic, partition } = event;
    const place = `${topic}/${partition}@${record.offset}`;
    const type = event.type;
    const parts = [dim(clockText(record.timestamp)), dim(place)];
    if (type !== undefined) parts.push(code(escapeControl(type)));
    if (record.key) parts.push(escapeControl(bytesText(record.key)));
    parts.push(valueText(event, colours), ...headerTexts(record.headers, dim));
    return parts.join('  ');
  };
}

function valueText(event: Consumed, { dim, warn }: Palette): string {
  switch (event.kind) {
    case 'tombstone':
      return warn('(tombstone)');
    case 'binary':
      return `${dim('base64')} ${event.record.value?.toString('base64') ?? ''}`;
    case 'text':
      return escapeControl(event.text);
    case 'json':
      return escapeControl(isCloudEvent(event.json) ? dataText(event.json) : JSON.stringify(event.json));
  }
}

function isCloudEvent(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'specversion' in value && 'type' in value;
}

/** The data, and the extensions that are not part of every envelope. */
function dataText(event: Record<string, unknown>): string {
  const extensions = Object.entries(event).filter(([name]) => !ENVELOPE.has(name));
  const data = JSON.stringify(event['data']) ?? '';
  return [data, ...extensions.map(([name, value]) => `${name}=${JSON.stringify(value)}`)].filter(Boolean).join(' ');
}

function headerTexts(headers: readonly RecordHeader[], dim: (text: string) => string): string[] {
  return headers
    .filter(({ key }) => !QUIET_HEADERS.has(key.toLowerCase()))
    .map(({ key, value }) => dim(escapeControl(`${key}: ${value ? bytesText(value) : '(null)'}`)));
}

/** Local time, with the day when it is not today's: what is debugged is mostly minutes old. */
function clockText(timestamp: number): string {
  if (timestamp < 0) return '(no time)';
  const at = new Date(timestamp);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/**
 * For programs: one JSON object per event, {topic, partition, offset, timestamp, key, headers, kind, value}.
 * A JSON value is passed on digit by digit, so that large numbers stay what they are; binary is {"base64": "…"}.
 */
export function jsonFormat(event: Consumed): string {
  const { record, topic, partition } = event;
  const head = JSON.stringify({
    topic,
    partition,
    offset: record.offset,
    timestamp: record.timestamp < 0 ? null : new Date(record.timestamp).toISOString(),
    key: record.key && bytesJson(record.key),
    headers: headersJson(record.headers),
    kind: event.kind,
  });
  return `${head.slice(0, -1)},"value":${valueJson(event)}}`;
}

function valueJson(event: Consumed): string {
  const { value } = event.record;
  if (event.kind !== 'json') return JSON.stringify(value && bytesJson(value));
  const { text } = event;
  return /[\n\r]/.test(text) ? JSON.stringify(event.json) : text.trim();
}

/** By name; a header that is there more than once is a list. */
function headersJson(headers: readonly RecordHeader[]): Record<string, unknown> {
  const byName = new Map<string, unknown[]>();
  for (const { key, value } of headers) byName.set(key, [...(byName.get(key) ?? []), value && bytesJson(value)]);
  return Object.fromEntries([...byName].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

function bytesJson(bytes: Buffer): string | { base64: string } {
  return isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString('base64') };
}

/** Text where bytes are text, base64 where they are not. */
export function bytesText(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : `base64:${bytes.toString('base64')}`;
}

// All control and invisible format characters, by category.
const CONTROL = /\p{Cc}|\p{Cf}/gu;

/** Events are written by strangers: an escape sequence in one must not reach the terminal. Joiners inside emoji and scripts stay. */
export function escapeControl(text: string): string {
  return text.replace(CONTROL, (char) => (char === '\u200d' || char === '\u200c' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`));
}
