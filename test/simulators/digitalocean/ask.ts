import type { DigitalOcean } from './start.ts';

/** Asks the simulator as any client would; `path` is what follows `/v2`. */
export async function ask<T>(api: DigitalOcean, method: string, path: string, body?: unknown, token = api.token): Promise<{ status: number; body: T; headers: Headers }> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(`${api.url}/v2${path}`, { method, headers: { authorization: `Bearer ${token}`, ...json }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as T, headers: response.headers };
}
