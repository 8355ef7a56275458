package melgauge.pipeline.tagging;
