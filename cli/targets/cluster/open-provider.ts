import path from 'node:path';
import type { Peek } from '../../definition/peek.ts';
import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { sayOn } from '../../io/io.ts';
import type { Provider, ProviderGiven } from '../../providers/provider.ts';
import type { TargetGiven } from '../target.ts';

/** The provider that an environment names. Errors: TODOCTL_PROVIDER_UNSUPPORTED. */
export async function openProvider(peek: Peek, folder: string, { env, cwd, io, stop, leave, clock, environment }: TargetGiven, platform: () => Promise<Platform>): Promise<Provider> {
  const given: ProviderGiven & { kubeconfig: string } = { env, cwd, stop, redactor: io.redactor, say: sayOn(io), kubeconfig: path.join(folder, 'kubeconfig') };
  if (peek.provider === 'existing') {
    const { existingProvider } = await import('../../providers/existing/existing.ts');
    const [context, cluster] = [text(peek.settings['context']), text(peek.settings['cluster'])];
    return existingProvider({ ...given, ...(context === undefined ? {} : { context }), ...(cluster === undefined ? {} : { cluster }) });
  }
  if (peek.provider === 'digitalocean') {
    const { digitalOceanProvider } = await import('../../providers/digitalocean/digitalocean.ts');
    // What was asked for is waited for after the first Ctrl-C too, so that only the second ends a request.
    return digitalOceanProvider({ ...given, stop: leave, clock, owner: { platform: peek.platform, environment }, platform });
  }
  throw new TodoctlError('TODOCTL_PROVIDER_UNSUPPORTED', { message: `The environment ${environment} is of provider ${peek.provider}, which this version cannot run` });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
