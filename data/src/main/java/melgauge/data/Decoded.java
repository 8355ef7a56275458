package melgauge.data;

/**
 * What a decoder made of a file.
 *
 * @param audio mono, at the rate that was asked for
 * @param source what was found in the file
 */
public record Decoded(Audio audio, SourceInfo source) {}
