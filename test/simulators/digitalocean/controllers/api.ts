import https from 'node:https';
import type { ClusterBehind } from '../clusters/row.ts';

/** As much of Kubernetes' objects as controllers look at. */
export interface KubernetesObject {
  metadata: { name: string; namespace?: string; uid: string; labels?: Record<string, string>; annotations?: Record<string, string>; finalizers?: string[]; deletionTimestamp?: string };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** The real API server behind a cluster, as its controllers see it. What is refused because somebody was faster is done at the next look. */
export class ApiServer {
  readonly #behind: ClusterBehind;

  constructor(behind: ClusterBehind) {
    this.#behind = behind;
  }

  async list(path: string): Promise<KubernetesObject[]> {
    const { items = [] } = (await this.ask('GET', path)) as { items?: KubernetesObject[] };
    return items;
  }

  async patch(path: string, body: object): Promise<void> {
    await this.ask('PATCH', path, body);
  }

  async create(path: string, body: object): Promise<void> {
    await this.ask('POST', path, body);
  }

  async remove(path: string): Promise<void> {
    await this.ask('DELETE', path);
  }

  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const { server, ca, token } = this.#behind;
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = { authorization: `Bearer ${typeof token === 'string' ? token : token()}`, ...(body ? { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' } : {}) };
      const request = https.request(new URL(path, server), { method, ca, headers, agent: false, timeout: 10_000 }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') })).on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer`))).on('error', reject).end(body && JSON.stringify(body));
    });
    if (status >= 400 && status !== 404 && status !== 409) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
    return text.startsWith('{') ? (JSON.parse(text) as unknown) : {};
  }
}
