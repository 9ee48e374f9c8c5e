import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from '../../exec/run.ts';
import { dockerConfig } from '../../images/login.ts';
import type { Context } from '../context.ts';
import { imagesOf } from '../images/images-of.ts';
import { keeperOf } from './keeper.ts';
import { noneYet } from './show.ts';

export interface LoginOptions {
  /** Docker's own configuration of this user, by docker; a private one when false. */
  global: boolean;
  write: boolean;
  seconds: number;
}

export interface LoginResult {
  server: string;
  access: 'read' | 'write';
  /** Of the credentials, which end then; ISO. */
  until: string;
  /** The folder to give as DOCKER_CONFIG; undefined with --global. */
  config?: string;
}

const TIMEOUT_MS = 60_000;

/** Signs in to the platform's registry. Errors: TODOCTL_REGISTRY_NONE; TODOCTL_PROGRAM_* of docker with `global`. */
export async function loginToRegistry(context: Context, { global, write, seconds }: LoginOptions): Promise<LoginResult> {
  const keeper = await keeperOf(context);
  if (!(await keeper.show())) throw noneYet(keeper.name, context.environment);
  const access = write ? 'write' : 'read';
  const until = new Date(context.clock.now() + seconds * 1000).toISOString();
  const login = await keeper.credentials(access, seconds);
  if (global) {
    const { env, cwd, io, stop } = context;
    const names = ['PATH', 'HOME', 'DOCKER_CONFIG', 'XDG_RUNTIME_DIR', 'DISPLAY', 'DBUS_SESSION_BUS_ADDRESS'];
    await runProgram({
      program: 'docker', args: ['login', keeper.server, '--username', login.username === login.password ? 'todoctl' : login.username, '--password-stdin'], input: login.password,
      env: Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))), cwd, timeoutMs: TIMEOUT_MS, redactor: io.redactor, signal: stop,
    });
    return { server: keeper.server, access, until };
  }
  const { folder } = await (await imagesOf(context)).wanted();
  const config = path.join(folder, 'docker-login');
  await mkdir(config, { recursive: true, mode: 0o700 });
  const file = path.join(config, 'config.json');
  await writeFile(`${file}.new`, dockerConfig(keeper.server, login), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return { server: keeper.server, access, until, config };
}
