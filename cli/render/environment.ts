import type { Platform } from '../definition/platform.ts';
import { accessArtefacts } from '../systems/access.ts';
import { type Active, systemsOf } from '../systems/environment.ts';
import { labelsOf, namespaceOf } from '../systems/names.ts';
import { withImageSources } from '../systems/sources.ts';
import type { Artefact, Chart, System, Tags } from '../systems/system.ts';
import { appliedIn } from './applied.ts';
import { header } from './header.ts';
import { kustomization } from './kustomize.ts';
import { ownChartFiles, ownRelease, valuesPath } from './own-chart.ts';
import type { Rendered } from './rendered.ts';
import type { Templates } from './templates.ts';

/**
 * Everything that an environment in a cluster is made of. Pure but for reading templates: the same platform, the same bytes.
 * Objects are in `objects/`, values of other people's charts in `helm/`, all else where its system wants it.
 * Errors: TODOCTL_TEMPLATE_BROKEN, TODOCTL_SOURCE_UNKNOWN.
 */
export function renderEnvironment(platform: Platform, systems: readonly System[], tags: Tags, templates: Templates): Rendered[] {
  const active = systemsOf(platform, systems, tags);
  const files = active.flatMap((system, index) => [
    ...(system.artefacts ?? []).map((artefact) => renderArtefact(platform, system, folderOf(index, system), artefact, templates)),
    ...(system.charts ?? []).map((chart) => renderValues(platform, system, folderOf(index, system), chart, templates)),
  ]);
  const whole = [...files, ...active.flatMap((system, index) => ownChartFiles(platform, system, folderOf(index, system), files, templates))];
  const objects = [...whole, ...accessFiles(platform, active.length, whole, templates)];
  return unique([...objects, releases(platform, active, templates), kustomizationOf(platform, objects)]);
}

/** Last of all objects the Roles: who may do what follows from what there is. */
function accessFiles(platform: Platform, index: number, files: readonly Rendered[], templates: Templates): Rendered[] {
  const system = { id: 'access' };
  const objects = files.filter(({ owner }) => owner !== 'file').map(({ text }) => appliedIn(text));
  return accessArtefacts(platform, objects).map((artefact) => renderArtefact(platform, system, folderOf(index, system), artefact, templates));
}

/** Folder of a system below objects/ and helm/, `03-kafka`: they sort in the order of applying. */
export function folderOf(index: number, { id }: Pick<Active, 'id'>): string {
  return `${String(index).padStart(2, '0')}-${id}`;
}

function renderArtefact(platform: Platform, { id }: Active, folder: string, { owner, file, template, view }: Artefact, templates: Templates): Rendered {
  const filled = templates.fill(template, { namespace: namespaceOf(platform), labels: labelsOf(platform, id), ...view });
  return {
    path: owner === 'file' ? file : `objects/${folder}/${file}`,
    text: `${header(file, platform, `templates/${template}`)}${withImageSources(platform, filled)}`,
    system: id,
    owner,
  };
}

function renderValues(platform: Platform, { id }: Active, folder: string, { release, values: { template, view } }: Chart, templates: Templates): Rendered {
  return {
    path: valuesPath(folder, release),
    text: `${header('values.yaml', platform, `templates/${template}`)}${withImageSources(platform, templates.fill(template, view))}`,
    system: id,
    owner: 'file',
  };
}

/** What Helm is to install, in order; each before the objects of the same number. */
function releases(platform: Platform, active: readonly Active[], templates: Templates): Rendered {
  const template = 'helm/releases.yaml.hbs';
  const view = {
    releases: active.flatMap((system, index) => {
      const charts = (system.charts ?? []).map(({ release, namespace, chart, repository, version, provides }) => ({ release, namespace, chart, repository: repository ?? null, version, provides }));
      const own = system.own ? [{ ...ownRelease(platform, system.own, templates), repository: null, provides: [] }] : [];
      return [...charts, ...own].map((release) => ({ ...release, values: valuesPath(folderOf(index, system), release.release) }));
    }),
  };
  return { path: 'helm/releases.yaml', text: `${header('releases.yaml', platform, `templates/${template}`)}${templates.fill(template, view)}`, system: 'releases', owner: 'file' };
}

/** For whoever applies the folder with Kustomize: `kubectl apply -k`, Argo CD. */
function kustomizationOf(platform: Platform, files: readonly Rendered[]): Rendered {
  const resources = files.filter(({ owner }) => owner !== 'file').map(({ path }) => path);
  return { path: 'kustomization.yaml', text: `${header('kustomization.yaml', platform, 'its own objects')}${kustomization({ resources })}`, system: 'kustomize', owner: 'file' };
}

/** Two files of one name would silently be one. Errors: Error, a mistake of whoever wrote a system. */
function unique(files: readonly Rendered[]): Rendered[] {
  const paths = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path)) throw new Error(`two artefacts are named ${path}`);
    paths.add(path);
  }
  return [...files];
}
