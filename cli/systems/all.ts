import type { SystemSchemas } from '../definition/schema.ts';
import { dapr } from './dapr.ts';
import type { System } from './system.ts';
import { tracing } from './tracing.ts';

/** Every system that an environment in a cluster may have. Their order is that of their needs, then of this list. */
export const SYSTEMS: readonly System[] = [dapr, tracing];

/** The blocks that systems add to an environment of todoctl.yaml. */
export const SYSTEM_SCHEMAS: SystemSchemas = Object.fromEntries(SYSTEMS.flatMap(({ id, settings }) => (settings ? [[id, settings]] : [])));
