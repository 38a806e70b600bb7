"""Batched, constrained, prefix-sharing generation over llama.cpp. Imports nothing from the rest of the package.

    from localdigest.engine.jobs import Job, Message
    from localdigest.engine.loading import LoadOptions
    from localdigest.engine.process import EngineProcess

    with EngineProcess(LoadOptions("model.gguf")) as engine:
        for completion in engine.generate(Job(name, (Message("user", text),)) for name, text in texts):
            ...

docs/engine.md tells the life of a job.
"""
