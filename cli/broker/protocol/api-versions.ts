import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE } from './api.ts';

export interface ApiVersionsResponse {
  error: number;
  apis: readonly { key: number; min: number; max: number }[];
}

/** The first question of every client. Its answer is read by clients that may know no later version, so its header never has tags. */
export const apiVersions: Api<object, ApiVersionsResponse> = {
  key: ApiKey.apiVersions,
  min: 0,
  max: 4,
  flexibleFrom: 3,
  decode: (reader, version) => {
    if (version < 3) return {};
    const software = { name: reader.compactString(), version: reader.compactString() };
    reader.tags();
    return software;
  },
  encode: (frame, { error, apis }, version) => {
    const one = ({ key, min, max }: (typeof apis)[number]): void => {
      frame.int16(key).int16(min).int16(max);
      if (version >= 3) frame.tags();
    };
    frame.int16(error);
    if (version >= 3) frame.compactArray(apis, one);
    else frame.array(apis, one);
    if (version >= 1) frame.int32(NO_THROTTLE);
    if (version >= 3) frame.tags();
  },
};
