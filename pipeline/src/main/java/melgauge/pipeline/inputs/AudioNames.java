package melgauge.pipeline.inputs;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** Which files of a folder are audio by their names: those by which the decoder's containers usually go. */
final class AudioNames {
    /** MPEG and MP4; Ogg and Matroska, of which mkv is left to films; plain samples; lossless codecs; others. */
    private static final Set<String> ENDINGS = Set.of("""
            mp1 mp2 mp3 mpa mpga m2a aac adts loas latm mp4 m4a m4b m4p m4r mov 3gp 3ga
            ogg oga opus spx mka weba webm
            wav wave bwf rf64 w64 aif aiff aifc au snd caf voc sox 8svx
            flac ape wv tta tak shn dsf dff bonk
            wma asf mpc mp+ mpp ac3 ec3 eac3 dts thd oma aa3 amr awb gsm
            """.strip().split("\\s+", -1));

    private AudioNames() {}

    /** Whether a file is audio by its name. {@code ._song.mp3}, which macOS leaves on other systems' disks, is not. */
    static boolean match(Path file) {
        Path name = file.getFileName();
        return name != null && !name.toString().startsWith("._") && ENDINGS.contains(ending(name.toString()));
    }

    /** What follows a name's last dot, in lower case; empty where there is none. */
    static String ending(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }
}
