import type { Definition } from './ast.ts';
import { type ChartObject, objectsIn } from './documents.ts';
import { type Definitions, fill } from './evaluate.ts';
import { mergeValues } from './merge-values.ts';
import { parseTemplate } from './parser.ts';
import { broken, type Source } from './source.ts';
import { asMap, Struct, textOf, type Value, type ValueMap, valueOf } from './value.ts';

/** A chart, compiled once for any number of renderings. */
export interface Chart {
  name: string;
  version: string;
  /** Its templates by the names that Helm gives them: `todo/templates/service.yaml`, and what they define. */
  definitions: Definitions;
  /** Names of the templates that make objects: all but `_*`. */
  files: readonly string[];
  metadata: Struct;
  values: ValueMap;
}

export interface Release {
  name: string;
  namespace: string;
}

/** The parts of a chart: what Chart.yaml and values.yaml say, and its templates by their names within it, `templates/service.yaml`. */
export interface ChartParts {
  metadata: object;
  values: object;
  templates: readonly Source[];
}

/** Compiles the templates of a chart. Pure. Errors: TODOCTL_TEMPLATE_BROKEN. */
export function compileChart({ metadata, values, templates }: ChartParts): Chart {
  const said = asMap(valueOf(metadata));
  const name = textOf(said.get('name') ?? null);
  const definitions = new Map<string, Definition>();
  const files: string[] = [];
  for (const { name: file, text } of templates) {
    const source = { name: `${name}/${file}`, text };
    if (!/(?:^|\/)_[^/]*$/.test(file)) files.push(source.name);
    for (const definition of parseTemplate(source)) {
      // Go lets the one that is read last win, and which that is can be seen nowhere.
      if (definitions.has(definition.name)) throw broken(`"${definition.name}" is defined twice`, [`charts/${source.name}`]);
      definitions.set(definition.name, definition);
    }
  }
  const [Version = null, AppVersion = null, Description = null] = ['version', 'appVersion', 'description'].map((key) => said.get(key));
  return { name, version: textOf(Version), definitions, files, metadata: new Struct({ Name: name, Version, AppVersion, Description }), values: asMap(valueOf(values)) };
}

/**
 * The objects of a release, template by template, hooks among them. Values are laid over the chart's own as Helm lays them.
 * Pure: the same chart and values, the same objects. Errors: TODOCTL_TEMPLATE_BROKEN.
 */
export function renderChart(chart: Chart, values: object, { name, namespace }: Release): ChartObject[] {
  const top: [string, Value][] = [
    ['Values', mergeValues(chart.values, asMap(valueOf(values)))],
    ['Release', new Map<string, Value>([['Name', name], ['Namespace', namespace], ['Service', 'Helm'], ['IsInstall', true], ['IsUpgrade', false], ['Revision', 1n]])],
    ['Chart', chart.metadata],
    ['Capabilities', CAPABILITIES],
  ];
  return chart.files.flatMap((file) => {
    const template = new Map<string, Value>([['Name', file], ['BasePath', `${chart.name}/templates`]]);
    return objectsIn(file, file.slice(chart.name.length + 1), fill(chart.definitions, file, new Map<string, Value>([...top, ['Template', template]])));
  });
}

/**
 * A definition says what an environment has, and rendering it installs the kinds before their objects: so every API is there.
 * What else Helm knows of a cluster, as its version, a rendering without one cannot know.
 */
const CAPABILITIES = new Struct({ APIVersions: new Struct({ Has: () => true }) });
