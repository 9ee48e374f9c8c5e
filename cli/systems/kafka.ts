import type { Platform } from '../definition/platform.ts';
import { kafkaOf } from './kafka-access.ts';
import { clusterArtefacts, kafkaFootprints } from './kafka-cluster.ts';
import { externalKafka, kafkaArrows, STRIMZI_OPERATOR } from './kafka-network.ts';
import { userArtefacts } from './kafka-users.ts';
import { namespaceOf } from './names.ts';
import type { Chart, Parts, System } from './system.ts';

/** Kafka by Strimzi: operator, cluster, topics and users; a Kafka that others run has none of these. Its block is `kafka` of the environment. */
export const kafka: System = { id: 'kafka', needs: [], parts };

function parts(platform: Platform): Parts {
  if (kafkaOf(platform).provider !== 'strimzi') return { serves: [externalKafka(platform)] };
  return {
    namespace: { name: STRIMZI_OPERATOR.namespace, podSecurity: 'restricted' },
    charts: [operator(platform)],
    artefacts: [...clusterArtefacts(platform), ...userArtefacts(platform)],
    pods: kafkaFootprints(platform),
    ...kafkaArrows(platform),
  };
}

const OPERATOR = { cpu: 100, memory: 384 };

function operator(platform: Platform): Chart {
  return {
    release: 'strimzi',
    namespace: STRIMZI_OPERATOR.namespace,
    chart: 'oci://quay.io/strimzi-helm/strimzi-kafka-operator',
    version: '1.2.0',
    values: { template: 'helm/strimzi.values.yaml.hbs', view: { watched: [namespaceOf(platform)], cpu: `${OPERATOR.cpu}m`, memory: `${OPERATOR.memory}Mi` } },
    provides: ['kafka.strimzi.io', 'core.strimzi.io'],
    pods: [{ name: 'strimzi-cluster-operator', replicas: 1, ...OPERATOR }],
  };
}
