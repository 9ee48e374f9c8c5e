import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE, nullableArray } from './api.ts';

/** The kind of resource that has the settings of a topic. */
export const TOPIC_RESOURCE = 2;

interface Resource {
  type: number;
  name: string;
}

export interface DescribeConfigsRequest {
  resources: (Resource & { /** null asks for all. */ keys: string[] | null })[];
}

export interface ConfigEntry {
  name: string;
  value: string;
  isDefault: boolean;
  type: number;
  documentation: string;
}

export interface DescribeConfigsResponse {
  resources: (Resource & { error: number; message: string | null; configs: ConfigEntry[] })[];
}

const SOURCE_TOPIC = 1;
const SOURCE_DEFAULT = 5;

export const describeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: ApiKey.describeConfigs,
  min: 0,
  max: 3,
  decode: (reader) => ({
    resources: reader.array(() => ({ type: reader.int8(), name: reader.string(), keys: nullableArray(reader, () => reader.string()) })),
  }),
  encode: (frame, { resources }, version) => {
    frame.int32(NO_THROTTLE).array(resources, ({ error, message, type, name, configs }) => {
      frame.int16(error).string(message).int8(type).string(name);
      frame.array(configs, (entry) => {
        frame.string(entry.name).string(entry.value).boolean(false);
        if (version === 0) frame.boolean(entry.isDefault);
        else frame.int8(entry.isDefault ? SOURCE_DEFAULT : SOURCE_TOPIC);
        frame.boolean(false);
        if (version >= 1) frame.array([], () => undefined);
        if (version >= 3) frame.int8(entry.type).string(entry.documentation);
      });
    });
  },
};

export const SET = 0;
export const DELETE = 1;

export interface AlterConfigsRequest {
  resources: (Resource & { changes: { name: string; operation: number; value: string | null }[] })[];
  validateOnly: boolean;
}

export interface AlterConfigsResponse {
  resources: (Resource & { error: number; message: string | null })[];
}

export const incrementalAlterConfigs: Api<AlterConfigsRequest, AlterConfigsResponse> = {
  key: ApiKey.incrementalAlterConfigs,
  min: 0,
  max: 0,
  decode: (reader) => ({
    resources: reader.array(() => ({
      type: reader.int8(),
      name: reader.string(),
      changes: reader.array(() => ({ name: reader.string(), operation: reader.int8(), value: reader.nullableString() })),
    })),
    validateOnly: reader.boolean(),
  }),
  encode: (frame, { resources }) => {
    frame.int32(NO_THROTTLE).array(resources, ({ error, message, type, name }) => frame.int16(error).string(message).int8(type).string(name));
  },
};
