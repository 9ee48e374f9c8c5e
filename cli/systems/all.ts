import type { SystemSchemas } from '../definition/schema.ts';
import { access } from './access.ts';
import { app } from './app.ts';
import { autoscaling, keda } from './autoscaling.ts';
import { backup } from './backup.ts';
import { certificates } from './certificates.ts';
import { chaos } from './chaos.ts';
import { compose } from './compose.ts';
import { connectors } from './connectors.ts';
import { dapr } from './dapr.ts';
import { delivery } from './delivery.ts';
import { gateway } from './gateway.ts';
import { kafka } from './kafka.ts';
import { load } from './load.ts';
import { mirror } from './mirror.ts';
import { monitoring } from './monitoring.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import type { System } from './system.ts';
import { terraform } from './terraform.ts';
import { tracing } from './tracing.ts';

/** Every system that an environment in a cluster may have. Their order is that of their needs, then of this list. */
export const SYSTEMS: readonly System[] = [
  // What services read and write.
  kafka,
  connectors,
  mirror,
  postgres,
  redis,
  dapr,
  // What watches them.
  monitoring,
  tracing,
  // What the app runs without.
  terraform,
  compose,
  delivery,
  backup,
  chaos,
  load,
  // What the app has of others: its entrance, and who scales it.
  gateway,
  certificates,
  autoscaling,
  keda,
  app,
  // Settings alone: its Roles follow from all other objects.
  access,
];

/** The blocks that systems add to an environment of todoctl.yaml. */
export const SYSTEM_SCHEMAS: SystemSchemas = Object.fromEntries(SYSTEMS.flatMap(({ id, settings }) => (settings ? [[id, settings]] : [])));
