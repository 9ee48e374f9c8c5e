import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Redactor } from '../../io/redactor.ts';

/**
 * The token that DigitalOcean is asked with: of the environment as doctl and Terraform name it, else of doctl's default context.
 * doctl's file is only read. The redactor knows it from here on. Errors: TODOCTL_DIGITALOCEAN_NO_TOKEN.
 */
export async function readToken(env: NodeJS.ProcessEnv, redactor: Redactor, platform: NodeJS.Platform = process.platform): Promise<string> {
  const token = [env['DIGITALOCEAN_ACCESS_TOKEN'], env['DIGITALOCEAN_TOKEN']].map((one) => one?.trim()).find(Boolean) ?? (await ofDoctl(env, platform));
  if (!token) throw new TodoctlError('TODOCTL_DIGITALOCEAN_NO_TOKEN');
  redactor.register(token);
  return token;
}

async function ofDoctl(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<string | undefined> {
  const home = env['HOME'] ?? '';
  const folder = env['XDG_CONFIG_HOME'] || path.join(home, platform === 'darwin' ? 'Library/Application Support' : '.config');
  const content = await readFile(path.join(folder, 'doctl', 'config.yaml'), 'utf8').catch(() => '');
  try {
    const token = (parse(content, { prettyErrors: false }) as { 'access-token'?: unknown } | null)?.['access-token'];
    return typeof token === 'string' ? token.trim() : undefined;
  } catch {
    return undefined;
  }
}
