import type { Run, Step } from '../../../engine/step.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { readObject } from '../../../kubernetes/read.ts';
import { resolveSecret } from '../../local/secrets.ts';
import { applyObjects } from '../apply.ts';
import { changedKeys, secretObject, type Values, valuesIn, type WantedSecret } from '../secrets.ts';
import { hiddenIn } from '../shown-keys.ts';
import type { Deploying } from './deploying.ts';

const QUICK_MS = 60_000;

export interface SecretsOf {
  id: string;
  title: string;
  needs: readonly Step[];
  wanted: (run: Run) => readonly WantedSecret[];
}

/** Secrets, made once and kept. What changes of them is told by their names and keys; no value is ever shown, and each that is secret is known to the redactor first. */
export function secretsStep(deploying: Deploying, { id, title, needs, wanted }: SecretsOf): Step {
  const { look, lock, wanted: { platform }, ground: { given } } = deploying;

  const compared = async (run: Run): Promise<{ secret: WantedSecret; values: Values; there: boolean; keys: string[] }[]> => {
    const { kubernetes } = run.of(look);
    return Promise.all(wanted(run).map(async (secret) => {
      const found = await readSecret(kubernetes, secret);
      const now = valuesIn(found);
      const values = await secret.values(now, (reference) => resolveSecret(reference, given.env));
      for (const value of [...hiddenIn(now), ...hiddenIn(values)]) given.io.redactor.register(value);
      return { secret, values, there: found !== undefined, keys: changedKeys(now, values) };
    }));
  };

  return {
    id,
    title,
    needs: [look, ...needs],
    timeout: deploying.timeout ?? QUICK_MS,
    async check(run) {
      const changes = (await compared(run)).flatMap(({ secret: { namespace, name }, there, keys }) => {
        if (there && keys.length === 0) return [];
        return [{ what: there ? `Secret ${namespace}/${name}: ${keys.join(', ')}` : `Secret ${namespace}/${name}` }];
      });
      return changes.length === 0 ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes };
    },
    async apply(run) {
      const { kubernetes, kinds } = run.of(look);
      const different = (await compared(run)).filter(({ there, keys }) => !there || keys.length > 0);
      const objects = different.map(({ secret, values }) => secretObject(platform, secret, values));
      await applyObjects(objects.map((object) => ({ head: object, body: JSON.stringify(object) })), { kubernetes, kinds, clock: given.clock, leave: run.leave, progress: run.progress, assertHeld: lock.assertHeld });
    },
  };
}

async function readSecret(kubernetes: Kubernetes, { namespace, name }: WantedSecret): Promise<KubernetesObject | undefined> {
  return readObject(kubernetes, `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`);
}
