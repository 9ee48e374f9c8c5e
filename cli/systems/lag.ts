import { PUBSUB } from '../../services/contracts/names.ts';
import type { Service } from '../definition/platform.ts';
import type { ChartValues, ServiceValues } from './chart-values.ts';
import type { ClusterKafka } from './kafka-access.ts';

/** Name of the Kafka user that KEDA is. */
const SCALER = 'keda';

/** KEDA's spelling of what Dapr spells otherwise. */
const KEDA_SPELLING = { 'SHA-512': 'scram_sha512', 'SHA-256': 'scram_sha256', PLAINTEXT: 'plaintext' } as const;

/**
 * The groups and topics that a service's lag is measured by; undefined where it does not scale by lag. What every replica
 * gets does not count: more replicas would have more of it, not less.
 */
export function lagOf({ name, scale, subscriptions }: Service): NonNullable<ServiceValues['scale']>['lag'] {
  const topics = subscriptions.filter(({ component }) => component === PUBSUB).map(({ topic }) => topic);
  if (scale?.lag === undefined || topics.length === 0) return undefined;
  return { group: name, topics, events: String(scale.lag) };
}

/** How KEDA reaches Kafka and who it is there. */
export function scalerValues({ bootstrap, tls, sasl, ca }: ClusterKafka): NonNullable<ChartValues['kafka']> {
  const own = sasl?.username === 'own';
  const secrets = {
    ...(sasl && sasl.username !== 'own' ? { username: sasl.username } : {}),
    ...(sasl ? { password: sasl.password(SCALER) } : {}),
    ...(ca ? { ca } : {}),
  };
  return {
    ...(typeof bootstrap === 'string' ? { bootstrapServers: bootstrap } : {}),
    tls: tls ? 'enable' : 'disable',
    sasl: sasl ? KEDA_SPELLING[sasl.mechanism] : 'none',
    ...(Object.keys(secrets).length > 0 ? { authentication: { ...(own ? { username: SCALER } : {}), secrets } } : {}),
  };
}
