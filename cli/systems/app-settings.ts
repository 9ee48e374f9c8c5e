import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';

const count = z.int().min(1);

/** The block `app` of an environment. */
export const appBlock = z
  .strictObject({
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much services and sidecars say.'),
    shutdown: count.max(300).default(10).describe('Seconds that a service may take for the requests it has, and again for what it closes.'),
    drain: count.max(60).default(5).describe('Seconds from the wish to stop a pod until its service hears of it: the gateway must learn of it first.'),
    sidecar: z
      .strictObject({
        cpu: count.default(50).describe('Thousandths of a CPU that a Dapr sidecar asks for.'),
        memory: count.default(96).describe('MiB that it asks for.'),
        cpuLimit: count.default(500).describe('Most thousandths of a CPU that it gets.'),
        memoryLimit: count.default(256).describe('Most MiB that it gets.'),
      })
      .prefault({}),
  })
  .prefault({});

/** What an environment says of its services, with defaults. */
export function appSettings({ environment }: Platform): z.output<typeof appBlock> {
  return appBlock.parse(environment.systems['app'] ?? {});
}
