// Loaded before all tests: properties draw what they say. Else fast-check draws ten of an array at
// most, whatever its `maxLength`, and texts as short.
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), defaultSizeToMaxWhenMaxSpecified: true });
