import { STATUS_CODES } from '../../../../services/kit/http/node-http.ts';

/** What the gateway itself answers when no replica can, as RFC 9457 has it. */
export interface Problem {
  status: 400 | 404 | 502 | 503 | 504;
  detail: string;
}

export function problemBody({ status, detail }: Problem): string {
  return `${JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail })}\n`;
}

export function problemHeaders({ status }: Problem, body: string): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    ...(status === 503 ? { 'retry-after': '1' } : {}),
  };
}
