import type { Step } from '../../engine/step.ts';
import type { Local } from './local.ts';
import { FOUNDATION } from './processes.ts';
import { databaseStep, type PostgresHere, postgresDataStep } from './steps/database.ts';
import { codeStep, daprFilesStep } from './steps/files.ts';
import { lockStep, portsStep, secretsStep, stateStep, supervisorStep } from './steps/ground.ts';
import { applyOnce, comparisonStep, foundationStep, groupStep } from './steps/processes.ts';
import { smokeStep } from './steps/smoke.ts';
import { createStatusReader } from './steps/status-reader.ts';
import { topicsStep } from './steps/topics.ts';

/** What a deploy consists of. `postgres` is undefined with a PostgreSQL of one's own. */
export function deploySteps(local: Local, postgres: PostgresHere | undefined, now: () => number): Step[] {
  const status = createStatusReader(now);
  const lock = lockStep(local.paths);
  const state = stateStep(local, lock);
  const supervisor = supervisorStep(local, state);
  const secrets = secretsStep(local, state);
  const code = codeStep(local, state);
  const ports = portsStep(local, supervisor);
  const files = daprFilesStep(local, ports, secrets);
  const data = postgres && postgresDataStep(local, postgres, ports, secrets);

  const needs = { supervisor, ports, postgres: data };
  const foundation = foundationStep(local, status, needs);
  const database = databaseStep(local, { started: foundation, ports, secrets, files });
  const topics = topicsStep(local, ports, foundation);

  const comparison = comparisonStep(local, status, { ...needs, code, files, ready: [database, topics] });
  const apply = applyOnce(status, supervisor, comparison);
  const groups = groupsOf(local).map((group) => groupStep({ ...group, supervisor, comparison, status, apply }));
  const smoke = smokeStep(local.platform, ports, groups);
  return [lock, state, supervisor, secrets, code, ports, files, ...(data ? [data] : []), foundation, database, topics, comparison, ...groups, smoke];
}

/** The processes that are told of together: all sidecars, each service, the gateway, and what an earlier definition had. */
function groupsOf({ platform }: Local): { id: string; title: string; includes: (name: string) => boolean }[] {
  const groups = [
    ...(platform.services.some(({ sidecar }) => sidecar) ? [{ id: 'sidecar', title: 'Dapr sidecar', includes: isSidecar }] : []),
    ...platform.services.map(({ name: service }) => ({
      id: service,
      title: service,
      includes: (name: string) => name.startsWith(`${service}-`) && /^\d+$/.test(name.slice(service.length + 1)),
    })),
    { id: 'gateway', title: 'Gateway', includes: (name: string) => name === 'gateway' },
  ];
  const known = (name: string): boolean => name === 'supervisor' || groups.some((group) => group.includes(name));
  const foundation = FOUNDATION.filter((name) => (name === 'postgres' ? !platform.environment.postgres?.url : !platform.environment.kafka?.bootstrap));
  return [...groups, { id: 'obsolete', title: 'Nothing else runs', includes: (name) => !known(name) && !foundation.includes(name) }];
}

function isSidecar(name: string): boolean {
  return name === 'sidecar' || name.endsWith('.dapr');
}
