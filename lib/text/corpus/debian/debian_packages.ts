/**
 * Debian packages with Brazilian Portuguese text. Names, paths and forms were
 * looked up in release 12 (bookworm); the licences are those of the packages'
 * copyright files, which are kept beside the corpus.
 *
 * @module
 */

/** How the text of a file is written. */
export type DebianForm = "html" | "mallard" | "man" | "book" | "fortunes";

/** A package that is worth reading. */
export interface DebianPackage {
  readonly name: string;
  /** Short form of what its copyright file says. */
  readonly licence: string;
  /** Paths in the package that are Portuguese text. */
  readonly paths: RegExp;
  readonly form: DebianForm;
  /** WHATWG label (default utf-8). */
  readonly encoding?: string;
}

/** All of them, the one with most text per download first. */
export const DEBIAN_PACKAGES: readonly DebianPackage[] = [
  {
    name: "libreoffice-help-pt-br",
    licence: "MPL-2.0 (parts Apache-2.0)",
    paths: /\/help\/pt-BR\/text\/.*\.html$/,
    form: "html",
  },
  {
    name: "focalinux-text",
    licence: "GFDL-1.1+",
    paths: /\/text\/(iniciante|intermediario|avancado)\/index\.txt\.gz$/,
    form: "book",
    encoding: "iso-8859-1",
  },
  {
    name: "gimp-help-pt-br",
    licence: "GFDL-1.2+",
    paths: /\/help\/pt_BR\/.*\.html$/,
    form: "html",
  },
  {
    name: "debian-handbook",
    licence: "GPL-2.0+ or CC-BY-SA-3.0",
    paths: /\/html\/pt-BR\/.*\.html$/,
    form: "html",
  },
  {
    name: "gnome-user-docs",
    licence: "CC-BY-SA-3.0",
    paths: /\/help\/pt_BR\/.*\.page$/,
    form: "mallard",
  },
  {
    name: "installation-guide-amd64",
    licence: "GPL-2",
    paths: /\/installation-guide-amd64\/pt\/.*\.html$/,
    form: "html",
  },
  {
    name: "debian-reference-pt-br",
    licence: "GPL-2+",
    paths: /\/debian-reference\/.*\.pt-br\.html$/,
    form: "html",
  },
  {
    name: "manpages-pt-br",
    licence: "GPL-3+ and licences of the pages",
    paths: /\/man\/pt_BR\/man\d\/[^/]+\.gz$/,
    form: "man",
  },
  {
    name: "fortunes-br",
    licence: "GPL-2+",
    paths: /\/games\/fortunes\/brasil$/,
    form: "fortunes",
  },
  {
    name: "debian-edu-doc-pt-br",
    licence: "GPL-2+ and GPL-3+",
    paths: /\/debian-edu-doc-pt-br\/debian-edu-bookworm-manual\.html$/,
    form: "html",
  },
  {
    name: "manpages-pt-br-dev",
    licence: "GPL-3+ and licences of the pages",
    paths: /\/man\/pt_BR\/man\d\/[^/]+\.gz$/,
    form: "man",
  },
];
