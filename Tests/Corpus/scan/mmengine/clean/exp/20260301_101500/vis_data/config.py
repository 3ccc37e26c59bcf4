default_scope = 'mmdet'
load_from = None
max_epochs = 12
train_cfg = dict(max_epochs=12, type='EpochBasedTrainLoop', val_interval=1)
work_dir = 'work_dirs/made-up'
