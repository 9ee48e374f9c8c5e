// A cluster's API as far as logs, brokers and dashboards need it: pods, Secrets and logs that a test puts there.
import type http from 'node:http';
import type { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import { apiServerThat, type Served } from '../../kubernetes/forwarding-server.ts';

export interface FakePod {
  name: string;
  uid?: string;
  labels?: Record<string, string>;
  containers?: readonly string[];
  ready?: boolean;
}

/** Changes of a test show at once: nothing is remembered between requests but the watches that are open. */
export class ClusterApi {
  pods: FakePod[] = [];
  readonly secrets = new Map<string, Record<string, string>>();
  /** What the log of a pod answers; 400 where there is none. */
  log: (pod: string, query: URLSearchParams, response: http.ServerResponse) => void = (_pod, _query, response) => void response.writeHead(400).end('{"message":"waiting to start"}');
  /** Kinds that may not be read: `pods`, `secrets`, `log`. */
  readonly forbidden = new Set<string>();
  readonly asked: string[] = [];
  readonly #watches = new Set<http.ServerResponse>();
  #version = 1;

  open(forward?: Served['forward']): Promise<Kubernetes> {
    return apiServerThat({ request: (request, response) => this.#answer(new URL(request.url ?? '', 'http://x'), response), ...(forward && { forward }) });
  }

  /** Adds a pod and tells those who watch. */
  add(pod: FakePod): void {
    this.pods.push(pod);
    this.tell('ADDED', pod);
  }

  remove(name: string): void {
    const pod = this.pods.find((one) => one.name === name);
    this.pods = this.pods.filter((one) => one !== pod);
    if (pod) this.tell('DELETED', pod);
  }

  tell(type: string, pod: FakePod): void {
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type, object: this.#object(pod) })}\n`);
  }

  #answer(url: URL, response: http.ServerResponse): void {
    this.asked.push(`${url.pathname}${url.search}`);
    const [, , , , namespace = '', kind = '', name = '', part] = url.pathname.split('/');
    const refused = this.forbidden.has(part ?? kind);
    if (refused) return void response.writeHead(403).end(JSON.stringify({ message: `${part ?? kind} is forbidden` }));
    if (part === 'log') return this.log(name, url.searchParams, response);
    if (kind === 'secrets') {
      const data = this.secrets.get(`${namespace}/${name}`);
      if (!data) return void response.writeHead(404).end('{"message":"not found"}');
      const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
      return void response.end(JSON.stringify({ data: Object.fromEntries(encoded) as object }));
    }
    if (url.searchParams.has('watch')) {
      this.#watches.add(response);
      response.on('close', () => this.#watches.delete(response)).write('');
      return;
    }
    const wanted = (url.searchParams.get('labelSelector') ?? '').split(',').filter(Boolean).map((pair) => pair.split('='));
    const found = this.pods.filter(({ labels = {} }) => wanted.every(([key = '', value]) => labels[key] === value));
    response.end(JSON.stringify({ metadata: { resourceVersion: String(this.#version++) }, items: found.map((pod) => this.#object(pod)) }));
  }

  #object({ name, uid = `uid-of-${name}`, labels = {}, containers = ['app', 'daprd'], ready = true }: FakePod): object {
    return {
      metadata: { name, uid, labels, resourceVersion: String(this.#version++) }, spec: { containers: containers.map((container) => ({ name: container })) },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    };
  }
}
