import { access, mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { identify } from '../../../io/process-identity.ts';
import type { Local } from '../local.ts';
import { processScripts } from '../package-root.ts';
import { describeHolder } from '../port-holder.ts';
import { assignPorts, bootstrapOf, isFree, listenerOf, type Ports, readPorts, writePorts } from '../ports.ts';
import { makeSecrets, readSecrets, secretNames, type Secrets } from '../secrets.ts';
import { connectSupervisor, isCurrent, startSupervisor, type Supervisor } from '../supervisor/client.ts';
import { takeLock } from '../supervisor/lock.ts';
import type { Paths } from '../paths.ts';

const QUICK_MS = 10_000;

/** Keeps a second deploy or teardown of this environment out for as long as this one runs. A dead holder holds nothing. */
export function lockStep({ home, lock }: Paths): Step {
  let held = false;
  return {
    id: 'lock',
    title: 'Lock the environment',
    needs: [],
    timeout: QUICK_MS,
    act: true,
    check: async () => (held ? { is: 'done', value: undefined } : { is: 'absent' }),
    async apply(run) {
      const me = identify(process.pid);
      if (!me) throw new Error('this process cannot see itself');
      await ensureHome(home);
      const taken = await takeLock(lock, me);
      if (!('release' in taken)) {
        throw new TodoctlError('TODOCTL_LOCKED', { message: `Another todoctl (pid ${taken.heldBy.pid}) is changing this environment` });
      }
      held = true;
      run.atEnd(async () => {
        taken.release();
        await rmdir(lock).catch(() => undefined);
        await removeHome(home);
      });
    },
  };
}

/** The project's version control must never see what lies here. */
async function ensureHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, '.gitignore'), '*\n');
}

/** Goes with the last environment. */
async function removeHome(home: string): Promise<void> {
  const left = await readdir(home).catch(() => ['?']);
  if (left.length !== 1 || left[0] !== '.gitignore') return;
  await rm(home, { recursive: true, force: true });
}

/** The folders that the processes write to. */
export function stateStep({ paths }: Local, lock: Step): Step {
  const folders = [paths.state, paths.secrets, paths.config, paths.dapr, paths.data, paths.logs, paths.build];
  return {
    id: 'state',
    title: 'State folder',
    needs: [lock],
    timeout: QUICK_MS,
    makes: [path.relative(paths.root, paths.state)],
    async check() {
      const there = await Promise.all(folders.map((folder) => access(folder).then(() => true, () => false)));
      return there.every(Boolean) ? { is: 'done', value: undefined } : { is: 'absent' };
    },
    async apply() {
      await mkdir(paths.state, { recursive: true, mode: 0o700 });
      await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));
    },
  };
}

/** Whoever starts, probes and restarts everything else. It adopts what an earlier one left running. */
export function supervisorStep({ paths, node, packageRoot }: Local, state: Step): Step<Supervisor> {
  return {
    id: 'supervisor',
    title: 'Supervisor',
    needs: [state],
    timeout: 20_000,
    async check() {
      const supervisor = await connectSupervisor(paths.state);
      if (!supervisor) return { is: 'absent' };
      if (isCurrent({ stateDir: paths.state, script: processScripts(packageRoot).supervisor })) return { is: 'done', value: supervisor };
      return { is: 'drifted', value: supervisor, changes: [{ what: 'supervisor', from: 'an earlier build', to: 'this build' }] };
    },
    async apply() {
      await startSupervisor({ stateDir: paths.state, node, script: processScripts(packageRoot).supervisor });
    },
  };
}

/** A port for everything that listens; those of processes that run already are kept. */
export function portsStep({ platform, paths }: Local, supervisor: Step<Supervisor>): Step<Ports> {
  let assigned: Ports = {};
  return {
    id: 'ports',
    title: 'Ports',
    needs: [supervisor],
    timeout: QUICK_MS,
    async check(run) {
      const running = new Set((await run.of(supervisor).status()).flatMap(({ name, pid }) => (pid === undefined ? [] : [name])));
      const file = await readPorts(paths.ports);
      const known = file?.ports ?? {};
      const own = new Set(Object.entries(known).flatMap(([name, port]) => (running.has(listenerOf(name, platform)) ? [port] : [])));
      assigned = await assignPorts({
        platform,
        known,
        seed: paths.state,
        usable: async (port) => own.has(port) || isFree(port),
        holder: describeHolder,
      });
      const bootstrap = bootstrapOf(platform, assigned);
      if (JSON.stringify(file) === JSON.stringify({ ports: assigned, bootstrap })) return { is: 'done', value: assigned };
      const changes = Object.entries(assigned)
        .filter(([name, port]) => known[name] !== port)
        .map(([name, port]) => ({ what: name, ...(known[name] === undefined ? {} : { from: String(known[name]) }), to: String(port) }));
      return { is: 'drifted', value: assigned, changes };
    },
    apply: () => writePorts(paths.ports, { ports: assigned, bootstrap: bootstrapOf(platform, assigned) }),
  };
}

/** Passwords and tokens, made once. */
export function secretsStep({ platform, paths, redact }: Local, state: Step): Step<Secrets> {
  const names = secretNames(platform);
  return {
    id: 'secrets',
    title: 'Secrets',
    needs: [state],
    timeout: QUICK_MS,
    makes: names,
    async check() {
      const found = await readSecrets(paths.secrets, names);
      for (const value of Object.values(found)) redact(value);
      return names.every((name) => found[name] !== undefined) ? { is: 'done', value: found } : { is: 'absent' };
    },
    apply: () => makeSecrets(paths.secrets, names),
  };
}
