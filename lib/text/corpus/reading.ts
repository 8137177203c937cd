/**
 * What the readers of the file formats share: their settings, and what happens
 * to input that cannot be read, which the user chooses: an error that names the
 * place, or a counted skip.
 *
 * @module
 */
import { FormatError } from "../../util/mod.ts";
import { describeInvalidByte } from "../text_folder.ts";
import { type CorpusDocument, utf8Length } from "./document.ts";

/** How a corpus is read. */
export interface ReadCorpusOptions {
  /**
   * What happens to broken input: "stop" throws (the default), "skip" counts it
   * and goes on.
   */
  readonly badInput?: "stop" | "skip";
  /** Column of a row with its text (default "text"). */
  readonly textColumn?: string;
  /**
   * What one document of a `.txt` file is (default "file"): the file, each
   * line, or each run of lines between blank ones.
   */
  readonly textUnit?: "file" | "line" | "paragraph";
  /** Encoding of `.txt`, `.md` and `.html` by its WHATWG label. */
  readonly encoding?: string;
  /** `.md` as it is written, or as the text a reader sees (default "text"). */
  readonly markdown?: "source" | "text";
  /** Elements of HTML whose content is left out, besides scripts and such. */
  readonly dropElements?: readonly string[];
  /** Largest document in bytes; larger ones are broken input (64 MiB). */
  readonly maxDocumentBytes?: number;
  /** Files of data sets whose names have this split: "train". */
  readonly split?: string;
}

/** {@linkcode ReadCorpusOptions} with every default filled in. */
export type ReadCorpusSettings =
  & Required<Omit<ReadCorpusOptions, "split">>
  & Pick<ReadCorpusOptions, "split">;

/** What documents are read with when nothing else is said. */
export const READ_DEFAULTS: ReadCorpusSettings = {
  badInput: "stop",
  textColumn: "text",
  textUnit: "file",
  encoding: "utf-8",
  markdown: "text",
  dropElements: [],
  maxDocumentBytes: 2 ** 26,
};

/** Broken input that was passed over. */
export interface SkippedInput {
  /** File, with the line or row. */
  readonly place: string;
  readonly reason: string;
}

/** Skipped input that is remembered with its reason; the rest is counted. */
const MAX_REMEMBERED = 100;

/** What was read so far, and what was not. */
export class ReadCorpusTally {
  files = 0;
  documents = 0;
  /** UTF-8 bytes of the documents. */
  bytes = 0;
  /** Bytes of files, as they lie on the disk. */
  fileBytes = 0;
  /** Files and rows without any text. */
  blank = 0;
  /** Files, lines and rows that could not be read. */
  skippedCount = 0;
  /** The first hundred of them. */
  readonly skipped: SkippedInput[] = [];

  /** Counts a document that is given out. */
  count(document: CorpusDocument): void {
    this.documents++;
    this.bytes += utf8Length(document.text);
  }
}

/** One file that is read. */
export class Reading {
  readonly settings: ReadCorpusSettings;
  readonly tally: ReadCorpusTally;
  /** Path below the corpus. */
  readonly name: string;
  /** Path for messages. */
  readonly path: string;
  readonly #origin: Pick<CorpusDocument, "source" | "licence">;
  readonly #decoder: TextDecoder;

  constructor(
    file: { readonly name: string; readonly path: string },
    origin: Pick<CorpusDocument, "source" | "licence">,
    { settings, tally }: {
      settings: ReadCorpusSettings;
      tally: ReadCorpusTally;
    },
  ) {
    this.name = file.name;
    this.path = file.path;
    this.settings = settings;
    this.tally = tally;
    this.#origin = origin;
    this.#decoder = new TextDecoder(settings.encoding, { fatal: true });
  }

  /**
   * Text of bytes: a byte order mark is dropped, line ends become "\n". Bytes
   * that are not in the encoding are refused and give undefined.
   *
   * @param part line, for the message
   * @param decoder for bytes that are UTF-8 by their format
   */
  decode(
    bytes: Uint8Array,
    part?: string,
    decoder = this.#decoder,
  ): string | undefined {
    try {
      return decoder.decode(bytes).replace(/\r\n?/g, "\n");
    } catch {
      const { encoding } = decoder;
      this.refuse(
        encoding === "utf-8"
          ? describeInvalidByte(bytes)
          : `it is not ${encoding}`,
        part,
      );
      return undefined;
    }
  }

  /** A document of this file, or undefined for one that is blank. */
  document(
    text: string,
    { part, metadata }: {
      part?: number | undefined;
      metadata?: Readonly<Record<string, unknown>> | undefined;
    } = {},
  ): CorpusDocument | undefined {
    if (text.trim() === "") {
      this.tally.blank++;
      return undefined;
    }
    return {
      name: part === undefined ? this.name : `${this.name}:${part}`,
      text,
      ...this.#origin,
      ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}),
    };
  }

  /**
   * Deals with something that cannot be read.
   *
   * @throws {FormatError} unless broken input is to be skipped
   */
  refuse(reason: string, part?: string): void {
    const place = part === undefined ? this.path : `${this.path}, ${part}`;
    if (this.settings.badInput === "stop") {
      throw new FormatError(`Cannot read ${place}: ${reason}`);
    }
    this.tally.skippedCount++;
    if (this.tally.skipped.length < MAX_REMEMBERED) {
      this.tally.skipped.push({ place, reason });
    }
  }

  /** Why a document of so many bytes is too large. */
  tooLong(byteLength: number): string {
    return `${byteLength} bytes are more than the limit of ` +
      `${this.settings.maxDocumentBytes} for one document (maxDocumentBytes)`;
  }
}
