import { DNS_ADDRESS } from './worker.ts';

export const DNS_IMAGE = 'localhost/coredns:1';

const name = 'coredns';
const metadata = { name, namespace: 'kube-system' };

/** CoreDNS as clusters have it: a Deployment behind the Service kube-dns, whose address every pod is told. */
export const DNS_OBJECTS = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name },
    rules: [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }, subjects: [{ kind: 'ServiceAccount', ...metadata }],
  },
  {
    apiVersion: 'v1', kind: 'ConfigMap', metadata,
    // The block of kubernetes must have lines of its own: CoreDNS takes it for a file's name otherwise.
    data: { Corefile: '.:53 {\n  errors\n  health\n  ready\n  kubernetes cluster.local in-addr.arpa ip6.arpa {\n    pods insecure\n  }\n  cache 5\n}\n' },
  },
  {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata,
    spec: {
      selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      template: {
        metadata: { labels: { 'k8s-app': 'kube-dns' } },
        spec: {
          serviceAccountName: name, dnsPolicy: 'Default',
          containers: [{
            name, image: DNS_IMAGE, imagePullPolicy: 'Never', args: ['-conf', '/etc/coredns/Corefile'], volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
            readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
          }],
          volumes: [{ name: 'config', configMap: { name } }],
        },
      },
    },
  },
  {
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: { clusterIP: DNS_ADDRESS, selector: { 'k8s-app': 'kube-dns' }, ports: [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }] },
  },
];
