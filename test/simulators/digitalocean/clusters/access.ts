import { stringify } from 'yaml';
import { Refusal } from '../refusal.ts';
import { ok, type Route, route } from '../route.ts';
import { CLUSTER, clusterOf } from './routes.ts';
import { type ClusterRow, endpoint } from './row.ts';

/** Seven days, where a request says nothing or 0. */
const DEFAULT_SECONDS = 7 * 24 * 3600;
/** Of a cluster behind which there is nothing; it is no certificate. */
const NO_CA = '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n';

/** How a cluster is signed in to. Needs `kubernetes:access_cluster`, which reading a cluster does not. */
export const accessRoutes: readonly Route[] = [
  route('GET', `${CLUSTER}/kubeconfig`, { scopes: ['kubernetes:access_cluster'], query: ['expiry_seconds', 'type'] }, ({ world, params }) => {
    const cluster = clusterOf(world, params);
    return { status: 200, type: 'application/yaml', body: kubeconfig(cluster, ready(cluster)) };
  }),
  route('GET', `${CLUSTER}/credentials`, { scopes: ['kubernetes:access_cluster'], query: ['expiry_seconds'] }, ({ world, params, query }) => {
    const cluster = clusterOf(world, params);
    const { server, ca, token } = ready(cluster);
    const seconds = Number(query.get('expiry_seconds') ?? 0) || DEFAULT_SECONDS;
    return ok({
      server, certificate_authority_data: Buffer.from(ca).toString('base64'), token, client_certificate_data: null, client_key_data: null,
      expires_at: world.clock.iso(world.clock.now() + seconds * 1000),
    });
  }),
  route('GET', `${CLUSTER}/user`, { scopes: ['kubernetes:read'] }, ({ world, params }) => {
    clusterOf(world, params);
    return ok({ kubernetes_cluster_user: { username: world.state.account.email, groups: ['k8saas:authenticated'] } });
  }),
];

interface Access {
  server: string;
  ca: string;
  token: string;
}

function ready(cluster: ClusterRow): Access {
  if (cluster.state === 'provisioning') throw new Refusal(404, 'cluster is not ready yet');
  const { ca = NO_CA, token = `token-of-${cluster.id}` } = cluster.behind ?? {};
  return { server: endpoint(cluster), ca, token: typeof token === 'string' ? token : token() };
}

function kubeconfig({ name, region, id }: ClusterRow, { server, ca, token }: Access): string {
  const context = `do-${region}-${name}`;
  return stringify({
    apiVersion: 'v1', kind: 'Config', preferences: {}, 'current-context': context,
    clusters: [{ name: context, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: `${context}-admin-${id}`, user: { token } }],
    contexts: [{ name: context, context: { cluster: context, user: `${context}-admin-${id}` } }],
  });
}
