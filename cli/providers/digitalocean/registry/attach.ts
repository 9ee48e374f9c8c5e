import type { Step } from '../../../engine/step.ts';
import { Kubernetes } from '../../../kubernetes/client.ts';
import type { Attached, Cluster, Registry } from '../../provider.ts';
import type { SignInGiven } from '../cluster/sign-in.ts';

const TIMEOUT_MS = 300_000;
const TYPE = 'kubernetes.io/dockerconfigjson';
/** There from the first moment of a cluster; DigitalOcean puts its pull secrets into every namespace. */
const NAMESPACE = 'default';

interface Secret {
  metadata: { name: string };
  data?: Record<string, string>;
}

/** Lets the cluster pull from the registry, and waits until DigitalOcean has put what it pulls with into it. */
export function attachStep({ api, env, redactor, stop }: SignInGiven, cluster: Step<Cluster>, registry: Step<Registry>): Step<Attached> {
  return {
    id: 'attach',
    title: 'Registry for the cluster',
    needs: [cluster, registry],
    timeout: TIMEOUT_MS,
    makes: ['the right of the cluster to pull'],
    async check(run) {
      const { id = '', access } = run.of(cluster);
      const { server, repository } = run.of(registry);
      const name = repository.split('/')[0] ?? '';
      const { kubernetes_cluster: row } = await api.get<{ kubernetes_cluster: { registries?: string[] } }>(`/v2/kubernetes/clusters/${id}`);
      if (!row.registries?.includes(name)) return { is: 'absent' };
      using kubernetes = new Kubernetes(access, { env, redactor, stop });
      const { body } = await kubernetes.ask<{ items?: Secret[] }>(`/api/v1/namespaces/${NAMESPACE}/secrets?fieldSelector=${encodeURIComponent(`type=${TYPE}`)}`);
      const pull = pullOf(body.items ?? [], server, name);
      if (pull === undefined) return { is: 'busy', reason: 'DigitalOcean has not put the pull secret into the cluster yet' };
      redactor.register(pull);
      return { is: 'done', value: { pull } };
    },
    async apply(run) {
      const name = run.of(registry).repository.split('/')[0] ?? '';
      // Attaching what is attached changes nothing.
      await api.post('/v2/kubernetes/registries', { cluster_uuids: [run.of(cluster).id], registries: [name] });
    },
  };
}

/** The configuration of the Secret that is for this registry: all registries of DigitalOcean are below one server, so its name goes first. */
export function pullOf(secrets: readonly Secret[], server: string, name: string): string | undefined {
  const all = secrets.flatMap(({ metadata, data }) => {
    const text = Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString('utf8');
    return namesServer(text, server) ? [{ name: metadata.name, text }] : [];
  });
  return (all.find((one) => one.name === name || one.name === `registry-${name}`) ?? all[0])?.text;
}

function namesServer(text: string, server: string): boolean {
  try {
    return Object.keys((JSON.parse(text) as { auths?: object }).auths ?? {}).includes(server);
  } catch {
    return false;
  }
}
