import { OptionDefaults } from "typedoc";

/** The API pages that `npm run docs` writes. */
export default {
  name: "Kvorum",
  out: "docs/api",
  readme: "README.md",
  treatWarningsAsErrors: true,
  // Links to sources would depend on where this was cloned from.
  disableSources: true,
  // The generated protobuf code says where each name comes from.
  blockTags: [...OptionDefaults.blockTags, "@generated"],
};
