import { getMetricsServer } from '../../tools/metrics-server/build.ts';
import type { Node } from './node.ts';

const name = 'metrics-server';
const metadata = { name, namespace: 'kube-system', labels: { 'k8s-app': name } };
const account = { kind: 'ServiceAccount', name, namespace: 'kube-system' };
const rbac = 'rbac.authorization.k8s.io';

/** Gives the node metrics-server's image under the name that its published chart uses. */
export async function importMetricsServer({ importImage }: Node): Promise<{ image: string } | { skipped: string }> {
  const built = getMetricsServer();
  if ('skipped' in built) return built;
  const image = `registry.k8s.io/metrics-server/metrics-server:v${built.version}`;
  await importImage({ names: [image], files: { 'metrics-server': built.binary }, entrypoint: ['/metrics-server'], user: '65534' });
  return { image };
}

/** A real metrics-server, ready; the first figures of a pod come some 20 s after it started. */
export async function installMetricsServer(node: Node): Promise<object | { skipped: string }> {
  const imported = await importMetricsServer(node);
  if ('skipped' in imported) return imported;
  await node.apply(objects(imported.image));
  await node.kubectl(['-n', 'kube-system', 'rollout', 'status', `deployment/${name}`, '--timeout=90s']);
  return {};
}

const objects = (image: string): object[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  {
    apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name },
    rules: [{ apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }, { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces', 'configmaps'], verbs: ['get', 'list', 'watch'] }],
  },
  { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name }, subjects: [account] },
  // It asks the API server whom it may answer, and reads whom the API server speaks for.
  { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: `${name}:auth-delegator` }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:auth-delegator' }, subjects: [account] },
  {
    apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: `${name}-auth-reader`, namespace: 'kube-system' },
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'extension-apiserver-authentication-reader' }, subjects: [account],
  },
  {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata,
    spec: {
      selector: { matchLabels: { 'k8s-app': name } },
      template: {
        metadata: { labels: { 'k8s-app': name } },
        spec: {
          serviceAccountName: name,
          containers: [{
            name, image, imagePullPolicy: 'Never',
            args: ['--cert-dir=/tmp', '--secure-port=10250', '--kubelet-preferred-address-types=InternalIP', '--kubelet-use-node-status-port', '--metric-resolution=10s', '--kubelet-request-timeout=5s', '--kubelet-insecure-tls'],
            ports: [{ name: 'https', containerPort: 10250 }], readinessProbe: { httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' }, periodSeconds: 1, failureThreshold: 90 },
          }],
        },
      },
    },
  },
  { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { 'k8s-app': name }, ports: [{ name: 'https', port: 443, targetPort: 'https', appProtocol: 'https' }] } },
  {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: { service: { name, namespace: 'kube-system' }, group: 'metrics.k8s.io', version: 'v1beta1', insecureSkipTLSVerify: true, groupPriorityMinimum: 100, versionPriority: 100 },
  },
];
