import { parse } from 'yaml';
import type { Step } from '../../engine/step.ts';
import type { ProviderSteps } from '../../providers/provider.ts';
import { folderOf } from '../../render/environment.ts';
import { valuesPath } from '../../render/own-chart.ts';
import { openTemplates, packagedFolder } from '../../render/templates.ts';
import { SYSTEMS } from '../../systems/all.ts';
import type { Active } from '../../systems/environment.ts';
import { namespaceOf } from '../../systems/names.ts';
import type { DeploySelection } from '../target.ts';
import { chartSourceOf } from './chart-source.ts';
import type { WantedRelease } from './compare/desired.ts';
import { makePrivateFolder } from './folder.ts';
import type { Ground } from './ground.ts';
import { imagesFor, registryIfAny } from './registry.ts';
import { clusterSmoke } from './smoke.ts';
import { adminSecrets, databaseSecret, kafkaSecrets, ownSecrets, pullSecret } from './secrets.ts';
import { crdsStep } from './steps/crds.ts';
import type { Deploying } from './steps/deploying.ts';
import { entranceStep } from './steps/entrance.ts';
import { openLock } from './steps/lock.ts';
import { lookStep } from './steps/look.ts';
import { objectsStep } from './steps/objects.ts';
import { pruneReleasesStep, pruneStep } from './steps/prune.ts';
import { releaseStep } from './steps/release.ts';
import { secretsStep } from './steps/secrets.ts';
import { serviceStep } from './steps/services.ts';

/**
 * What a deploy into a cluster consists of. Each step waits only for what it needs: charts and Kafka come up side by side, and images are
 * built while the cluster does. Errors: those of the definition, TODOCTL_TEMPLATE_BROKEN.
 */
export async function deploySteps(ground: Ground, { timeout }: DeploySelection = {}): Promise<Step[]> {
  const [provider, wanted] = await Promise.all([ground.provider(), ground.wanted(), makePrivateFolder(ground.folder)]);
  const provided = await provider.steps();
  const registry = registryIfAny(wanted.platform, ground.given, provided.registry);
  const images = registry ? [await imagesFor(ground, registry)] : [];
  const given: ProviderSteps = { ...provided, ...(registry ? { registry } : {}) };
  const { cluster } = given;
  const lock = openLock(ground, cluster, 'deploy');
  const look = lookStep(ground, wanted, cluster, lock, timeout);
  const deploying: Deploying = { ground, wanted, cluster, lock, look, ...(timeout === undefined ? {} : { timeout }) };
  const namespaces = systemStep(deploying, 'namespaces', []);
  const secrets = secretSteps(deploying, given, namespaces);
  const standing = systemSteps(deploying, namespaces, secrets);
  const app = appStep(deploying, [...standing.flatMap(({ steps }) => steps), ...secrets, namespaces, ...images, ...(given.attach ? [given.attach] : [])]);
  const services = wanted.platform.services.map((service) => serviceStep(deploying, service, [app]));
  const entrance = entranceStep(deploying, [app]);
  const dns = wanted.platform.environment.host !== undefined && provider.names ? [provider.names.record(entrance)] : [];
  const smoke = await clusterSmoke(ground, { needs: [...services, entrance] });
  const prune = pruneStep(deploying, [...services, ...smoke]);
  return [
    cluster, ...images, ...[given.registry, given.attach, given.database, given.kafka, given.project].filter((step) => step !== undefined),
    lock.step, look, namespaces, ...secrets, ...standing.flatMap(({ steps }) => steps), app, ...services, entrance, ...dns, ...smoke, prune, pruneReleasesStep(deploying, prune),
  ];
}

/** Secrets of ours need nobody; what the provider tells is there only once it runs, and nothing but the app waits for that. */
function secretSteps(deploying: Deploying, { registry, attach, database, kafka }: ProviderSteps, namespaces: Step): Step[] {
  const { platform } = deploying.wanted;
  return [
    secretsStep(deploying, { id: 'secrets', title: 'Secrets', needs: [namespaces], wanted: () => ownSecrets(platform) }),
    ...(database ? [secretsStep(deploying, { id: 'secret-database', title: 'Secret of the database', needs: [namespaces, database], wanted: (run) => [databaseSecret(platform, run.of(database)), ...adminSecrets(platform, run.of(database))] })] : []),
    ...(kafka ? [secretsStep(deploying, { id: 'secret-kafka', title: 'Secret of Kafka', needs: [namespaces, kafka], wanted: (run) => kafkaSecrets(platform, run.of(kafka)) })] : []),
    ...(registry
      ? [secretsStep(deploying, {
          id: 'secret-registry',
          title: 'Secret of the registry',
          needs: [namespaces, registry, ...(attach ? [attach] : [])],
          wanted: (run) => {
            const pull = (attach && run.of(attach).pull) ?? run.of(registry).pull;
            return pull === undefined ? [] : [pullSecret(platform, pull)];
          },
        })]
      : []),
  ];
}

/** Each system's charts and then its objects; a system begins when those that it needs stand. */
function systemSteps(deploying: Deploying, namespaces: Step, secrets: readonly Step[]): { id: string; steps: Step[] }[] {
  const { systems, desired } = deploying.wanted;
  const own = secrets[0] as Step;
  const done = new Map<string, Step[]>();
  // What follows from all other objects, as the Roles do, belongs to no system that is in the list.
  const others = [...new Set(desired.objects.map(({ system }) => system))].filter((id) => !systems.some((system) => system.id === id));
  return [...systems, ...others.map((id): Active => ({ id }))].filter(({ id }) => id !== 'namespaces').map((system) => {
    // What is done in a managed database waits for how it is reached.
    const reached = system.id === 'postgres' ? secrets.filter(({ id }) => id === 'secret-database') : [];
    const needs = [namespaces, own, ...reached, ...needsOf(system.id).flatMap((need) => done.get(need) ?? [])];
    const charts = (system.charts ?? []).map((chart) => {
      const values = valuesOf(deploying, system, chart.release);
      const crds = chart.provides.length > 0 ? [crdsStep(deploying, chart, values)] : [];
      return [...crds, releaseStep(deploying, {
        id: `helm-${chart.release}`,
        title: `Chart ${chart.release}`,
        wanted: wantedRelease(deploying, chart.release),
        source: () => chartSourceOf(chart),
        values,
        needs: [...needs, ...crds],
        ofOthers: true,
      })];
    }).flat();
    const objects = objectsOf(deploying, system.id);
    const steps = [...charts, ...(objects.length > 0 ? [systemStep(deploying, system.id, [...needs, ...charts])] : [])];
    done.set(system.id, steps);
    return { id: system.id, steps };
  });
}

/** The app's own release: all of its code, settings and Dapr objects at once. */
function appStep(deploying: Deploying, needs: readonly Step[]): Step {
  const { platform, systems, desired } = deploying.wanted;
  const system = systems.find(({ own }) => own);
  const own = system?.own;
  if (!system || !own) throw new Error('the environment has no release of its own');
  const { version } = openTemplates().chart(own.chart);
  const chart = `${packagedFolder('charts')}/${own.chart}`;
  const values = valuesOf(deploying, system, own.release);
  return releaseStep(deploying, {
    id: 'app',
    title: `Release ${own.release}`,
    wanted: {
      release: own.release, namespace: namespaceOf(platform), chart: own.chart, version, system: system.id,
      // Parsed only where it must be compared.
      get values() {
        return parse(values, { prettyErrors: false, uniqueKeys: false }) as unknown;
      },
    },
    source: async () => ({ chart, version }),
    values,
    needs,
    objects: desired.objects.filter(({ manager }) => manager === 'helm'),
    ofOthers: false,
  });
}

function systemStep(deploying: Deploying, id: string, needs: readonly Step[]): Step {
  return objectsStep(deploying, { id, title: TITLES[id] ?? titled(id), objects: objectsOf(deploying, id), needs });
}

const TITLES: Readonly<Record<string, string>> = { namespaces: 'Namespaces', network: 'Network policies and roles', kafka: 'Kafka, topics and users', postgres: 'Database', monitoring: 'Rules and dashboards' };

function titled(id: string): string {
  return `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`;
}

function objectsOf({ wanted: { desired } }: Deploying, id: string): Deploying['wanted']['desired']['objects'] {
  return desired.objects.filter(({ system, manager }) => system === id && manager === 'todoctl');
}

/** What a system must not begin before; those that the environment lacks are passed over. */
function needsOf(id: string): readonly string[] {
  return SYSTEMS.find((system) => system.id === id)?.needs ?? [];
}

function wantedRelease({ wanted: { desired } }: Deploying, name: string): WantedRelease {
  const found = desired.releases.find(({ release }) => release === name);
  if (!found) throw new Error(`nobody wants the release ${name}`);
  return found;
}

function valuesOf({ wanted: { files, systems } }: Deploying, system: Active, release: string): string {
  const place = valuesPath(folderOf(systems.indexOf(system), system), release);
  return files.find(({ path }) => path === place)?.text ?? '';
}
