import * as z from 'zod';
import { withoutPassword } from '../definition/address.ts';
import type { Platform } from '../definition/platform.ts';
import { gatewaySettings } from './gateway.ts';
import { namespaceOf } from './names.ts';
import { type Chart, defineSystem } from './system.ts';

const NAMESPACE = 'cert-manager';
const SOLVER_PORT = 8089;

const settings = z
  .strictObject({
    email: z.email().exactOptional().describe('Where Let’s Encrypt writes to when something is wrong with the account.'),
    server: z.url({ protocol: /^https$/ }).refine(...withoutPassword).default('https://acme-v02.api.letsencrypt.org/directory').describe('ACME server; Let’s Encrypt has another one for trying, which browsers do not trust.'),
    issuer: z.string().min(1).exactOptional().describe('An existing ClusterIssuer; cert-manager is taken to be there then.'),
  })
  .prefault({});

/** The ClusterIssuer of the certificate of the public host; undefined where there is no host, and so no HTTPS. */
export function issuerOf({ name, environment }: Platform): string | undefined {
  if (environment.host === undefined) return undefined;
  return settings.parse(environment.systems['certificates'] ?? {}).issuer ?? `${name}-letsencrypt`;
}

/** cert-manager and an issuer for Let's Encrypt; only where a public host is named. */
export const certificates = defineSystem({
  id: 'certificates',
  needs: [],
  settings,
  parts(platform, { email, server, issuer }) {
    const name = issuerOf(platform);
    if (name === undefined || issuer !== undefined) return undefined;
    const { kind, class: className } = gatewaySettings(platform);
    // It answers the question of the ACME server, on the route that cert-manager makes for it.
    const solver = { namespace: namespaceOf(platform), labels: { 'acme.cert-manager.io/http01-solver': 'true' } };
    return {
      namespace: { name: NAMESPACE, podSecurity: 'restricted' },
      charts: [certManager(kind === 'gateway')],
      artefacts: [
        {
          owner: 'applied',
          file: 'issuer.yaml',
          template: 'kubernetes/cluster-issuer.yaml.hbs',
          view: { name, server, email: email ?? null, gateway: kind === 'gateway' ? platform.name : null, ingress: className },
        },
      ],
      serves: [{ id: 'acme-solver', pods: solver, ports: [{ port: SOLVER_PORT }] }],
      calls: [{ from: 'anyone', to: ['acme-solver'] }],
    };
  },
});

function certManager(gateway: boolean): Chart {
  return {
    release: 'cert-manager',
    namespace: NAMESPACE,
    chart: 'cert-manager',
    repository: 'https://charts.jetstack.io',
    version: 'v1.21.1',
    values: { template: 'helm/cert-manager.values.yaml.hbs', view: { gateway } },
    provides: ['cert-manager.io', 'acme.cert-manager.io'],
    pods: [
      { name: 'cert-manager', replicas: 1, cpu: 20, memory: 96 },
      { name: 'cert-manager-cainjector', replicas: 1, cpu: 10, memory: 96 },
      { name: 'cert-manager-webhook', replicas: 1, cpu: 10, memory: 32 },
    ],
  };
}
