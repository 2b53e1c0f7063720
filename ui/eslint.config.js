import js from "@eslint/js";
import tseslint from "typescript-eslint";

// What a page may never do with words a person wrote: turn them into markup, keep them on the
// device, print them, or run text as code. The content security policy forbids part of this too;
// the linter says so before a browser has to.
const neverProperties = ["innerHTML", "outerHTML", "insertAdjacentHTML", "cookie", "srcdoc", "write", "writeln"].map(
  (property) => ({ property, message: "Words are shown with textContent and nothing is kept on the device." }),
);
const neverGlobals = [
  "localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore", "eval",
].map((name) => ({ name, message: "Nothing is stored on the device, and text is never run." }));
const neverOnWindow = ["window", "self", "globalThis"].flatMap((object) =>
  neverGlobals.map(({ name, message }) => ({ object, property: name, message })),
);

export default tseslint.config(
  { ignores: ["**/node_modules/", "static/", ".test-build/"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.js", "*.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "no-else-return": "error",
      "eqeqeq": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "no-console": "error",
      "no-eval": "error",
      "no-implied-eval": "off",
      "@typescript-eslint/no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-restricted-globals": ["error", ...neverGlobals],
      "no-restricted-properties": ["error", ...neverProperties, ...neverOnWindow],
    },
  },
  {
    // node:test returns promises that its runner waits for by itself.
    files: ["test/**/*.ts", "e2e/**/*.ts"],
    rules: { "@typescript-eslint/no-floating-promises": "off" },
  },
  {
    files: ["*.js", "*.mjs"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: "readonly", process: "readonly", Buffer: "readonly" } },
  },
);
